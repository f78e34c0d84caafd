import type { Change, Direction } from './comparison.ts';

/** Of a run: what it had of a metric, the median of its repetitions. */
export interface TrendPoint {
  readonly run: string;
  /** ISO 8601. */
  readonly started: string;
  readonly value: number;
}

/** Two runs, one behind the other, between which something came, and what is not the same of them: where to look for the reason. */
export interface Between {
  readonly before: string;
  readonly after: string;
  readonly changes: readonly Change[];
}

export interface MetricTrend {
  readonly metric: string;
  readonly unit: string;
  readonly better: Direction;
  readonly points: readonly TrendPoint[];
  readonly median: number;
  /** By how much it grows in a day, as a ratio of the median (Theil and Sen). */
  readonly slope: number;
  /** Whether it grows at all: of Mann and Kendall, after Holm's correction over all metrics. */
  readonly p: number;
  readonly verdict: 'worse' | 'better' | 'steady';
  /** Where its level changed most, when it did. */
  readonly step?: Between & { readonly ratio: number };
}

/** A run in which a test took over twice as long as in those before. */
export interface Outlier {
  readonly run: string;
  readonly metric: string;
  readonly value: number;
  readonly usual: number;
}

export interface Trend {
  /** Runs that were looked at, the first and the last of them; of other machines than the last one's are left out. */
  readonly runs: number;
  readonly from: string;
  readonly to: string;
  readonly otherMachines: number;
  readonly metrics: readonly MetricTrend[];
  readonly outliers: readonly Outlier[];
}

/** A failure over many runs. */
export interface FailureHistory {
  readonly fingerprint: string;
  readonly title: string;
  /** `new`: the last run is the first that has it; `known`: it has it, and others had; `gone`: the last ones could have had it and have not; `rare`: neither. */
  readonly status: 'new' | 'known' | 'gone' | 'rare';
  /** Runs since the first that has it could have had it too, and some have not. */
  readonly flaky: boolean;
  readonly count: number;
  /** Of the runs that could have it: those with it, all since the first, and by time `x` with and `·` without it. */
  readonly hits: number;
  readonly times: number;
  readonly strip: string;
  readonly firstSeen: string;
  readonly lastSeen: string;
  /** Around the first run with it, when there was one before that could have had it. */
  readonly came?: Between;
  /** Around the first run without it, of what is gone. */
  readonly went?: Between;
}
