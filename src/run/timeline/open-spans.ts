import type { TimelineSpan, Track } from '../../model/timeline.ts';

interface Open {
  readonly track: Track;
  readonly cpu: number;
  readonly name: string;
  readonly category: string;
  readonly start: number;
  readonly loose: boolean;
  readonly detail: string | undefined;
}

/** So many things at once are open in no kernel; what is older than these never ends. */
const MAX_OPEN = 65_536;

/** Spans that have begun. Bounded: the oldest go first. */
export class OpenSpans {
  readonly #open = new Map<string, Open>();

  begin(key: string, open: Open): void {
    // The end of the former was not seen.
    this.#open.delete(key);
    this.#open.set(key, open);
    if (this.#open.size <= MAX_OPEN) return;
    const [oldest] = this.#open.keys();
    if (oldest !== undefined) this.#open.delete(oldest);
  }

  /** The span that ends; null when its beginning is not in the trace. */
  end(key: string, at: number, detail?: string): TimelineSpan | null {
    const open = this.#open.get(key);
    if (open === undefined) return null;
    this.#open.delete(key);
    return span(open, at, detail === undefined ? {} : { end: detail });
  }

  /** Events of this CPU are missing: what began there may have ended. Null stands for any CPU. */
  gap(cpu: number | null): void {
    for (const [key, open] of this.#open) if (cpu === null || open.cpu === cpu) this.#open.delete(key);
  }

  /** The trace ends: what is open lasts until then. */
  finish(at: number): TimelineSpan[] {
    const spans = [...this.#open.values()].map((open) => span(open, Math.max(at, open.start), { unfinished: true }));
    this.#open.clear();
    return spans;
  }
}

function span(
  { track, name, category, start, loose, detail }: Open,
  at: number,
  args: TimelineSpan['args'],
): TimelineSpan {
  const micros = Math.max(0, at - start);
  return {
    kind: 'span',
    track,
    name,
    category,
    start,
    micros,
    loose,
    args: { ...(detail !== undefined && { begin: detail }), ...args },
  };
}
