import { ByteTail } from '../base/byte-tail.ts';
import type { RawLine, StreamPlace } from '../base/lines.ts';
import { LogLines } from '../grammar/log-lines.ts';
import { PREFILTERS } from '../grammar/prefilter.ts';
import { PROFILES } from '../grammar/profiles.ts';
import { createReportReader, type ReportUpdate } from '../grammar/report-reader.ts';
import type { RawText } from '../model/about.ts';
import type { Stream } from '../model/chunk.ts';
import type { LogLine } from '../model/line.ts';
import { Skimmer } from './skimmer.ts';

/**
 * A kernel log is complete for now when nothing came for this long. Under emulation a kernel pauses in the middle of a
 * report for some hundred milliseconds; a provisional event has been given long before.
 */
export const QUIET_NS = 1_000_000_000;
/** The same behind a report's end marker. What may still come (registers again, a panic) the kernel prints without a pause. */
export const ENDED_QUIET_NS = 20_000_000;

export interface LogStreamOptions {
  readonly stream: Stream;
  readonly file?: string;
  readonly profile?: 'default' | 'syzkaller';
  readonly live: boolean;
  /** The bytes of reports can be asked for. */
  readonly keepRaw?: boolean;
  readonly onUpdate: (update: ReportUpdate) => void;
  readonly onLine: (line: LogLine, raw: RawLine) => void;
}

/** Bytes of a log that are kept to show a report as it stood there. */
const RAW_REACH = 8 * 1024 * 1024;

/** Bytes of a kernel log to reports. */
export class LogStream {
  readonly #options: LogStreamOptions;
  readonly #lines: LogLines;
  #observed = 0;
  #reader: ReturnType<typeof createReportReader>;
  readonly #skimmer: Skimmer | undefined;
  #tail: ByteTail | undefined;
  #boot: string | undefined;
  /** When the quiet period after the last byte ends; undefined when there is nothing to end. */
  quietAt: number | undefined;

  constructor(options: LogStreamOptions) {
    this.#options = options;
    const { forms } = PROFILES[options.profile ?? 'default'];
    this.#lines = new LogLines({ ...options, forms, onLine: (line, raw) => this.#line(line, raw) });
    // Only files: live, each byte counts at once, and a device's record numbers must all be seen.
    if (options.stream === 'file')
      this.#skimmer = new Skimmer(PREFILTERS[options.profile ?? 'default'], {
        canPass: () => this.#reader.idle && this.#lines.canSkip,
        read: (bytes) => this.#read(bytes),
        matters: (bytes) => {
          const line = this.#lines.alone(bytes);
          return line === undefined || this.#reader.wants(line);
        },
        pass: (bytes, lines) => {
          this.#lines.skip(bytes, lines);
          this.#tail?.skip(bytes);
        },
      });
    this.#reader = this.#newReader();
    if (options.keepRaw) this.#tail = new ByteTail(RAW_REACH);
  }

  push(bytes: Uint8Array, observed: number): void {
    this.#observed = observed;
    if (this.#skimmer === undefined) this.#read(bytes);
    else this.#skimmer.push(bytes);
    this.quietAt = observed + (this.#reader.ending ? ENDED_QUIET_NS : QUIET_NS);
  }

  /** A stretch of the stream as it came; asked for when a report ends, not later. */
  rawText(byte: number, endByte: number): RawText | undefined {
    return this.#tail?.slice(byte, endByte);
  }

  /** What comes next stands elsewhere: in another file, perhaps. */
  moveTo(file: string | undefined, place: StreamPlace): void {
    this.#skimmer?.flush();
    this.#lines.moveTo(file, place);
    this.#tail = this.#options.keepRaw && place.byte === 0 ? new ByteTail(RAW_REACH) : undefined;
  }

  /** The log paused: what is open is complete. */
  settle(): void {
    this.quietAt = undefined;
    this.#lines.settle();
    for (const update of this.#reader.flush()) this.#options.onUpdate(update);
  }

  /** The log ended, or another boot begins behind it. */
  end(): void {
    this.#skimmer?.flush();
    this.#lines.end();
    this.settle();
    this.#reader = this.#newReader();
  }

  #read(bytes: Uint8Array): void {
    this.#tail?.push(bytes);
    this.#lines.push(bytes, this.#observed);
  }

  #newReader() {
    const { profile, live } = this.#options;
    // Nobody waits for a provisional finding of a log that is read afterwards.
    return createReportReader({ ...(profile !== undefined && { profile }), provisional: live });
  }

  #line(line: LogLine, raw: RawLine): void {
    if (line.boot !== undefined && line.boot !== this.#boot) {
      this.settle();
      this.#boot = line.boot;
    }
    this.#options.onLine(line, raw);
    for (const update of this.#reader.push(line)) this.#options.onUpdate(update);
  }
}
