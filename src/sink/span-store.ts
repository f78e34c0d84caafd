import type { TimelineSpan, Track } from '../model/timeline.ts';

/** Spans are kept until the end where a format wants them in order; this many take some 200 MB. */
const MAX_SPANS = 1_000_000;

/** Spans by track. Bounded: it says once when it is full. */
export class SpanStore {
  readonly #tracks = new Map<string, { readonly name: string; readonly spans: TimelineSpan[] }>();
  readonly #warn: (message: string) => void;
  #count = 0;

  constructor(warn: (message: string) => void) {
    this.#warn = warn;
  }

  add(span: TimelineSpan): void {
    this.#count += 1;
    if (this.#count > MAX_SPANS) {
      if (this.#count === MAX_SPANS + 1)
        this.#warn(`only the first ${MAX_SPANS} spans are exported; the format chrome has room for all of them`);
      return;
    }
    const key = trackName(span.track, false);
    let track = this.#tracks.get(key);
    if (track === undefined) {
      track = { name: trackName(span.track, true), spans: [] };
      this.#tracks.set(key, track);
    }
    track.spans.push(span);
  }

  tracks(): IterableIterator<{ readonly name: string; readonly spans: TimelineSpan[] }> {
    return this.#tracks.values();
  }
}

/** `bash 123`, `CPU 0`. */
export function trackName({ kind, id, name, boot }: Track, named: boolean): string {
  const own = kind === 'cpu' ? `CPU ${id}` : named ? `${name || '<...>'} ${id}` : `${id}`;
  return boot === 0 ? own : `boot ${boot + 1}: ${own}`;
}
