import type { Stream } from './chunk.ts';

/** A line of a kernel log with its printk prefix taken apart. */
export interface LogLine {
  readonly stream: Stream;
  readonly file?: string;
  readonly byte: number;
  readonly endByte: number;
  readonly line: number;
  /** The whole line. */
  readonly text: string;
  /** The line behind its prefixes (level, time, caller tag, journal and console decorations). */
  readonly body: string;
  /** Seconds as printed. */
  readonly time?: number;
  /** printk level 0 (emergency) to 7 (debug), where the format carries it. */
  readonly level?: number;
  /** CONFIG_PRINTK_CALLER tag as `T123` or `C0`. */
  readonly caller?: string;
  /** Host nanoseconds of arrival; absent for files. */
  readonly observed?: number;
  /** ISO 8601, where the format carries wall time. */
  readonly wall?: string;
  /** Which boot of the machine it is from, where a journal says so. */
  readonly boot?: string;
  /** Who wrote the line, where a journal says so; `kernel` for printk. */
  readonly ident?: string;
  /** Sequence number of a /dev/kmsg record; a hole means lost records. */
  readonly seq?: number;
  /** printk messages lost right before this line, as the console says or `seq` shows; null when it is not said how many. */
  readonly dropped?: number | null;
}
