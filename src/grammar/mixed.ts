import type { ReportLine } from '../model/report.ts';
import { FRAMES } from './endings.ts';
import { MIXED, type OpenReport } from './open-report.ts';

/** Lines that a report has once: the report that still lacks one gets it. */
const ONCE: ReadonlySet<string> = new Set([
  'cpu',
  'cpu-short',
  'hardware',
  'rip',
  'rip-address',
  'code',
  'modules',
  'access',
  'tainted',
  'end-trace',
]);

/**
 * Without caller tags, lines of two reports that two CPUs print at a time cannot be told apart for certain. A line that a report has
 * only once goes to the first that lacks it; what follows goes where the line before went.
 */
export class MixedPair {
  readonly #pair: readonly [OpenReport, OpenReport];
  #last: OpenReport;
  readonly #traces = new Map<OpenReport, number>();

  constructor(older: OpenReport, newer: OpenReport) {
    this.#pair = [older, newer];
    this.#last = newer;
    for (const report of this.#pair) report.broken = MIXED;
  }

  has(report: OpenReport): boolean {
    return this.#pair.includes(report);
  }

  /** The other one, when one has ended. */
  without(report: OpenReport): OpenReport {
    return this.#pair[0] === report ? this.#pair[1] : this.#pair[0];
  }

  choose(line: ReportLine): OpenReport {
    this.#last = this.#find(line) ?? this.#last;
    return this.#last;
  }

  #find({ kind, place }: ReportLine): OpenReport | undefined {
    if (kind === 'call-trace') return this.#byTraces();
    // The registers of both look alike: the place of the line before is the best that is known.
    if (!ONCE.has(kind) || FRAMES.has(kind)) return undefined;
    const lacking = this.#pair.filter((report) => !report.lines.some((line) => line.kind === kind));
    if (lacking.length === 1) return lacking[0];
    // Both lack it: printk gives the lines of one CPU one time more often than not.
    return lacking.find((report) => report.lastTime === place.time) ?? lacking[0];
  }

  #byTraces(): OpenReport {
    const [older, newer] = this.#pair;
    const count = (report: OpenReport): number => this.#traces.get(report) ?? 0;
    const next = count(older) <= count(newer) ? older : newer;
    this.#traces.set(next, count(next) + 1);
    return next;
  }
}
