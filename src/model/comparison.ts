export type Direction = 'more' | 'less';

/** The values of one side. */
export interface SideSummary {
  readonly n: number;
  readonly median: number;
  /** Half of the 95 % interval of the median, as a ratio of it; null where there are too few values for one. */
  readonly spread: number | null;
}

/** A metric of two runs. */
export interface ComparisonRow {
  /** `speed/write/p50`: test, operation, quantity. */
  readonly metric: string;
  readonly unit: string;
  readonly better: Direction;
  readonly before: SideSummary;
  readonly after: SideSummary;
  /** How much more the new median is, as a ratio of the old one: 0.05 is 5 % more. */
  readonly delta: number;
  /** 95 % bootstrap interval of it. */
  readonly interval: readonly [low: number, high: number];
  /** The same in the direction that is bad: above zero is a loss. */
  readonly worse: number;
  /** End of the interval that is nearer to no loss. */
  readonly worseAtLeast: number;
  /** Of the Mann-Whitney test, two-sided; and after Holm's correction over all rows of the comparison. */
  readonly pRaw: number;
  readonly p: number;
  readonly verdict: 'worse' | 'better' | 'same';
}

/** Something that is not the same for both sides. */
export interface Change {
  readonly what: string;
  readonly before: string;
  readonly after: string;
}

export interface CrashRow {
  readonly title: string;
  readonly status: 'new' | 'known' | 'gone';
  /** It comes in some of the times that a test is run, not in all. */
  readonly flaky: boolean;
  /** Tests in which it came, and how many there were of those tests. */
  readonly before: readonly [hits: number, times: number];
  readonly after: readonly [hits: number, times: number];
}

/** A test that took over twice as long. */
export interface Anomaly {
  readonly test: string;
  readonly beforeMs: number;
  readonly afterMs: number;
}

/** A row that a gate does not let pass, and the rule of it. */
export interface Breach {
  readonly metric: string;
  readonly rule: string;
}

export interface PairComparison {
  readonly against: string;
  readonly rows: readonly ComparisonRow[];
  /** Metrics that only one side has. */
  readonly onlyBefore: readonly string[];
  readonly onlyAfter: readonly string[];
  /** Of the machine: figures of speed are not of the same thing. */
  readonly unlike: readonly Change[];
  readonly changes: readonly Change[];
  readonly verdicts: readonly Change[];
  readonly crashes: readonly CrashRow[];
  readonly anomalies: readonly Anomaly[];
  readonly breaches: readonly Breach[];
  /** What to keep in mind, for people. */
  readonly notes: readonly string[];
}

export interface Comparison {
  readonly baseline: string;
  readonly pairs: readonly PairComparison[];
}

/** Two targets side by side: is one as good as the other? */
export interface Parity {
  readonly a: string;
  readonly b: string;
  readonly tests: readonly { readonly test: string; readonly a: string; readonly b: string; readonly same: boolean }[];
  readonly operations: readonly ParityOperation[];
  /** Tests that did the same calls with both, and those of them in which not every answer was the same. */
  readonly answers: { readonly compared: number; readonly different: readonly string[] };
  /** Speed and memory of b as a multiple of a's. */
  readonly metrics: readonly ParityMetric[];
  /** Tests with the same result, of those that either has; null without any. */
  readonly sameResults: number | null;
  /** Metrics in which b is at least as good, or not distinguishable, of those where that can be told. */
  readonly asGood: number | null;
  /** Geometric mean of how many times as good b is as a, of times and rates; null without any. */
  readonly performance: number | null;
  readonly memory: number | null;
  /** How many times as little of the stack b takes; null where it was not recorded. */
  readonly stack: number | null;
  /** Operations with the same result, of all; null without any. */
  readonly sameOperations: number | null;
  readonly differences: readonly string[];
}

/** An operation, such as `write`. */
export interface ParityOperation {
  readonly operation: string;
  /** Calls. */
  readonly a: number;
  readonly b: number;
  /** Both have it, and every test that uses it came to the same. */
  readonly same: boolean;
  /** Tests that use it and did not. */
  readonly differs: readonly string[];
  /** How many times as fast b answers, by the medians of the tests; null where that was not measured. */
  readonly ratio: number | null;
}

export interface ParityMetric {
  readonly metric: string;
  readonly unit: string;
  readonly a: number;
  readonly b: number;
  /** How many times as good b is. */
  readonly ratio: number;
  /** `unknown`: too few values to tell. */
  readonly verdict: ComparisonRow['verdict'] | 'unknown';
}
