import { LineSplitter, type RawLine } from '../base/lines.ts';
import type { Stream } from '../model/chunk.ts';
import type { LogLine } from '../model/line.ts';
import { KmsgRecords } from './kmsg-records.ts';
import { readLogLine } from './log-line.ts';

export interface LogLinesOptions {
  readonly stream: Stream;
  readonly file?: string;
  /** True: lines carry the time of their arrival. */
  readonly live: boolean;
  readonly onLine: (line: LogLine, raw: RawLine) => void;
}

/** Bytes of a kernel log to its lines, whatever its chunks and whatever collector wrote it. */
export class LogLines {
  readonly #options: LogLinesOptions;
  readonly #splitter = new LineSplitter();
  #records = new KmsgRecords();
  #observed = 0;

  constructor(options: LogLinesOptions) {
    this.#options = options;
  }

  push(bytes: Uint8Array, observed: number): void {
    this.#observed = observed;
    this.#splitter.push(bytes, (raw) => this.#raw(raw));
  }

  /** What stands behind the last line end is a line, and what comes next is another log. */
  end(): void {
    this.#splitter.flush((raw) => this.#raw(raw));
    this.#records = new KmsgRecords();
  }

  /** True when whole lines that come next may be passed over. */
  get canSkip(): boolean {
    return this.#splitter.atLineStart;
  }

  /** Passes over whole lines, only counting them. Needs `canSkip`, and bytes that end in a newline. */
  skip(bytes: Uint8Array): void {
    this.#splitter.skip(bytes);
  }

  #raw(raw: RawLine): void {
    // A console never speaks in records of /dev/kmsg; a file may hold them.
    if (this.#options.stream === 'console') this.#text(raw);
    else for (const part of this.#records.expand(raw)) this.#text(part);
  }

  #text(raw: RawLine): void {
    const { stream, file, live } = this.#options;
    const read = readLogLine(raw, stream, {
      ...(file !== undefined && { file }),
      ...(live && { observed: this.#observed }),
    });
    this.#options.onLine(stream === 'kmsg' ? this.#withHole(read) : read, raw);
  }

  /** The live device numbers its records without holes, so a hole is a loss. A file may have been filtered. */
  #withHole(line: LogLine): LogLine {
    const lost = line.seq === undefined ? 0 : this.#records.lostBefore(line.seq);
    return lost === 0 ? line : { ...line, dropped: lost };
  }
}
