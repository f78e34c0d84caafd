import type { LogLine } from '../model/line.ts';
import type { ParsedReport } from '../model/report.ts';

export interface ReportUpdate {
  readonly report: ParsedReport;
  /**
   * False for the first sight of a report, given as soon as its header was read, and for at most one more, when its first stack is
   * whole; its key comes again when it is final.
   */
  readonly final: boolean;
}

export interface ReportReader {
  push(line: LogLine): ReportUpdate[];
  /** Ends what is open: the input is over, or has been quiet long enough. */
  flush(): ReportUpdate[];
  /** How many reports are open: a caller may flush after a quiet period only when this is not zero. */
  readonly open: number;
  /** Of every open report the last line was read, as far as the kernel marks it: a few more may come, at once. */
  readonly ending: boolean;
  /** No report is open, and nothing is left to learn of the source: lines without any word of the prefilter change nothing. */
  readonly idle: boolean;
  /** Whether a line would change anything while `idle`. */
  wants(line: LogLine): boolean;
}
