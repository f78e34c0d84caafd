import type { EventLog, LogLine } from './event-log.ts';

/** Frames of several events, as they are sent. */
interface Batch {
  readonly first: number;
  readonly last: number;
  readonly bytes: Uint8Array;
  /** Where each event begins. */
  readonly starts: readonly { readonly seq: number; readonly at: number }[];
}

export interface Frames {
  readonly last: number;
  readonly bytes: Uint8Array;
}

/** What of the last events is kept in memory for all who watch. */
const RING_BYTES = 8 << 20;
/** Sent to one client at once; what its socket does not take meanwhile stays where it is. */
const CHUNK_BYTES = 256 << 10;
const PAGE_EVENTS = 500;

/**
 * The one reader of a recording. Events are encoded once and kept for a while; each client is nothing but the number of the last event
 * that it has, so that a slow one costs no memory: what has left the ring it gets from the log.
 */
export class Feed {
  readonly recording: string;
  readonly #log: EventLog;
  readonly #limit: number;
  #ring: Batch[] = [];
  #bytes = 0;
  /** Number of the last event that was read. */
  #last = -1;
  /** Events behind this one are in the ring. */
  #before = -1;
  readonly #waiting = new Set<() => void>();
  readonly #quiet: Promise<void>;

  constructor(recording: string, log: EventLog, onLines: (lines: readonly LogLine[]) => void, limit = RING_BYTES) {
    this.recording = recording;
    this.#log = log;
    this.#limit = limit;
    this.#quiet = new Promise((resolve) => {
      log.follow((lines) => {
        onLines(lines);
        this.#add(lines);
      }, resolve);
    });
  }

  get last(): number {
    return this.#last;
  }

  get damaged(): number {
    return this.#log.damaged;
  }

  /** Until what was there when it was opened has been read. */
  ready(): Promise<void> {
    return this.#quiet;
  }

  /** What is held in memory for clients. */
  get held(): number {
    return this.#bytes;
  }

  /** Frames behind event `after`; undefined where there are none yet. */
  async next(after: number): Promise<Frames | undefined> {
    if (after >= this.#last) return undefined;
    if (after >= this.#before) return this.#fromRing(after);
    const batch = encode(await this.#log.page(after, PAGE_EVENTS));
    // The log may have been cut: go on with what there is.
    return batch ?? this.#fromRing(after);
  }

  page(after: number, limit: number): Promise<readonly LogLine[]> {
    return this.#log.page(after, limit);
  }

  /** Until something has come, or so long. */
  wait(milliseconds: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        this.#waiting.delete(done);
        signal.removeEventListener('abort', done);
        resolve();
      };
      const timer = setTimeout(done, milliseconds);
      this.#waiting.add(done);
      signal.addEventListener('abort', done);
      if (signal.aborted) done();
    });
  }

  async close(): Promise<void> {
    await this.#log.close();
    this.#wake();
  }

  #add(lines: readonly LogLine[]): void {
    const batch = encode(lines);
    if (batch === undefined) return;
    this.#ring.push(batch);
    this.#bytes += batch.bytes.length;
    this.#last = batch.last;
    let gone = 0;
    while (this.#bytes > this.#limit && gone < this.#ring.length - 1) {
      const first = this.#ring[gone++] as Batch;
      this.#bytes -= first.bytes.length;
      this.#before = first.last;
    }
    if (gone > 0) this.#ring.splice(0, gone);
    this.#wake();
  }

  #fromRing(after: number): Frames | undefined {
    const at = this.#ring.findIndex(({ last }) => last > after);
    const first = this.#ring[at];
    if (first === undefined) return undefined;
    const start = first.starts.find(({ seq }) => seq > after)?.at ?? 0;
    const parts = [start === 0 ? first.bytes : first.bytes.subarray(start)];
    let [size, last] = [parts[0]?.length ?? 0, first.last];
    for (const batch of this.#ring.slice(at + 1, at + 33)) {
      if (size + batch.bytes.length > CHUNK_BYTES) break;
      parts.push(batch.bytes);
      size += batch.bytes.length;
      last = batch.last;
    }
    const [only] = parts;
    return { last, bytes: parts.length === 1 && only !== undefined ? only : Buffer.concat(parts, size) };
  }

  #wake(): void {
    for (const wake of [...this.#waiting]) wake();
  }
}

/** As HTML has it (https://html.spec.whatwg.org/multipage/server-sent-events.html): `id:` is what a client sends back as Last-Event-ID. */
function encode(lines: readonly LogLine[]): Batch | undefined {
  const [first, last] = [lines[0], lines.at(-1)];
  if (first === undefined || last === undefined) return undefined;
  const parts: Uint8Array[] = [];
  const starts: Batch['starts'][number][] = [];
  let at = 0;
  for (const { seq, json } of lines) {
    const head = Buffer.from(`id: ${seq}\ndata: `, 'latin1');
    starts.push({ seq, at });
    parts.push(head, json, END);
    at += head.length + json.length + END.length;
  }
  return { first: first.seq, last: last.seq, bytes: Buffer.concat(parts, at), starts };
}

const END = Buffer.from('\n\n');
