import { type FSWatcher, watch } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type EventLog, type LogLine, PAGE_BYTES } from './event-log.ts';

const CHUNK = 1 << 20;
/** A longer line is passed over: an event has some kilobytes. */
const MAX_LINE = 4 << 20;
/** Every so many bytes a place to begin reading at is remembered. */
const STEP = 64 << 10;
/** What is told of a change may be told late, or not at all (network file systems). */
const LOOK_MS = 500;
/** Between two readings, so that a busy run comes in batches. */
const PAUSE_MS = 40;
const LF = 10;
const CR = 13;

/** A file of events that grows. A line that is not whole yet waits for its end. */
export class FileLog implements EventLog {
  readonly #path: string;
  readonly #index: { readonly after: number; readonly at: number }[] = [];
  #file: FileHandle | undefined;
  /** Up to here lines have been read. */
  #read = 0;
  #rest: Buffer = Buffer.alloc(0);
  /** In the middle of a line that is too long. */
  #skipping = false;
  #last = -1;
  #damaged = 0;
  #watcher: FSWatcher | undefined;
  #timer: NodeJS.Timeout | undefined;
  #working: Promise<void> | undefined;
  #closed = false;

  constructor(path: string) {
    this.#path = path;
  }

  get damaged(): number {
    return this.#damaged;
  }

  follow(onBatch: (lines: readonly LogLine[]) => void, onQuiet: () => void): void {
    const look = () => {
      clearTimeout(this.#timer);
      if (this.#closed || this.#working !== undefined) return;
      this.#working = this.#readOn(onBatch)
        .catch(() => {})
        .finally(() => {
          this.#working = undefined;
          onQuiet();
          if (!this.#closed) this.#timer = setTimeout(look, LOOK_MS);
        });
    };
    const soon = () => {
      if (this.#closed || this.#working !== undefined) return;
      clearTimeout(this.#timer);
      this.#timer = setTimeout(look, PAUSE_MS);
    };
    try {
      this.#watcher = watch(dirname(this.#path), { persistent: false }, soon).on('error', () => this.#watcher?.close());
    } catch {
      // Looking now and then does as well.
    }
    look();
  }

  async page(after: number, limit: number): Promise<readonly LogLine[]> {
    const file = await this.#open();
    const lines: LogLine[] = [];
    if (file === undefined || after >= this.#last) return lines;
    let at = this.#placeOf(after);
    let rest: Buffer = Buffer.alloc(0);
    let bytes = 0;
    while (lines.length < limit && bytes < PAGE_BYTES && at < this.#read) {
      const chunk = Buffer.allocUnsafe(Math.min(STEP * 4, this.#read - at));
      const { bytesRead } = await file.read(chunk, 0, chunk.length, at);
      if (bytesRead === 0) break;
      at += bytesRead;
      const whole = Buffer.concat([rest, chunk.subarray(0, bytesRead)]);
      const end = whole.lastIndexOf(LF) + 1;
      rest = whole.subarray(end).length > MAX_LINE ? Buffer.alloc(0) : whole.subarray(end);
      let last = lines.at(-1)?.seq ?? after;
      for (const line of linesOf(whole.subarray(0, end))) {
        const parsed = parse(line);
        if (parsed === undefined || parsed.seq <= last) continue;
        lines.push(parsed);
        last = parsed.seq;
        bytes += parsed.json.length;
        if (lines.length >= limit || bytes >= PAGE_BYTES) break;
      }
    }
    return lines;
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#watcher?.close();
    await this.#working;
    await this.#file?.close().catch(() => {});
  }

  async #readOn(onBatch: (lines: readonly LogLine[]) => void): Promise<void> {
    const file = await this.#open();
    if (file === undefined) return;
    for (let at = this.#read + this.#rest.length; !this.#closed; ) {
      const chunk = Buffer.allocUnsafe(CHUNK);
      const { bytesRead } = await file.read(chunk, 0, CHUNK, at);
      if (bytesRead === 0) return;
      at += bytesRead;
      this.#take(chunk.subarray(0, bytesRead), onBatch);
    }
  }

  #take(chunk: Buffer, onBatch: (lines: readonly LogLine[]) => void): void {
    let whole = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    if (this.#skipping) {
      const end = whole.indexOf(LF) + 1;
      this.#read += end === 0 ? whole.length : end;
      this.#rest = Buffer.alloc(0);
      if (end === 0) return;
      this.#skipping = false;
      whole = whole.subarray(end);
    }
    const end = whole.lastIndexOf(LF) + 1;
    const lines: LogLine[] = [];
    let at = this.#read;
    for (const line of linesOf(whole.subarray(0, end))) {
      if (at - (this.#index.at(-1)?.at ?? -STEP) >= STEP) this.#index.push({ after: this.#last, at });
      at += line.length + 1;
      const parsed = parse(line);
      if (parsed !== undefined && parsed.seq > this.#last) {
        lines.push(parsed);
        this.#last = parsed.seq;
      } else if (line.length > 0) this.#damaged += 1;
    }
    this.#read += end;
    this.#rest = Buffer.from(whole.subarray(end));
    if (this.#rest.length > MAX_LINE) {
      this.#read += this.#rest.length;
      this.#rest = Buffer.alloc(0);
      this.#skipping = true;
      this.#damaged += 1;
    }
    if (lines.length > 0) onBatch(lines);
  }

  /** A place before the event that comes behind number `after`. */
  #placeOf(after: number): number {
    let [low, high] = [0, this.#index.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#index[middle]?.after ?? 0) <= after) low = middle + 1;
      else high = middle;
    }
    return this.#index[low - 1]?.at ?? 0;
  }

  /** It may not be there yet. */
  async #open(): Promise<FileHandle | undefined> {
    if (this.#file !== undefined || this.#closed) return this.#file;
    const file = await open(this.#path, 'r').catch(() => undefined);
    if (this.#file !== undefined || this.#closed) await file?.close();
    else this.#file = file;
    return this.#file;
  }
}

function* linesOf(bytes: Buffer): Generator<Buffer> {
  for (let at = 0; at < bytes.length; ) {
    const end = bytes.indexOf(LF, at);
    yield bytes.subarray(at, end);
    at = end + 1;
  }
}

function parse(line: Buffer): LogLine | undefined {
  try {
    const value = JSON.parse(line.toString('utf8')) as { readonly seq?: unknown } | null;
    const seq = value?.seq;
    if (typeof seq !== 'number' || !Number.isSafeInteger(seq) || seq < 0) return undefined;
    // JSON may have a CR between its parts, which would end a line of the stream.
    return { seq, json: line.includes(CR) ? Buffer.from(JSON.stringify(value)) : line, value };
  } catch {
    return undefined;
  }
}
