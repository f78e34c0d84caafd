/** A row of a timeline: what ran on a CPU, or what a task did. */
export interface Track {
  readonly kind: 'cpu' | 'task';
  /** Number of the CPU, or pid. */
  readonly id: number;
  /** The task's name as last seen; of a CPU nothing. */
  readonly name: string;
  /** Of a recording with restores: times and pids repeat in each. */
  readonly boot: number;
}

export type TimelineArgs = Readonly<Record<string, string | number | boolean>>;

/** A stretch of time. Those of a track that are not `loose` stand within one another, as calls do. Times are microseconds of the trace's clock. */
export interface TimelineSpan {
  readonly kind: 'span';
  readonly track: Track;
  readonly name: string;
  readonly category: string;
  readonly start: number;
  readonly micros: number;
  /** May overlap others of its track without standing within: locks that are held hand over hand. */
  readonly loose: boolean;
  readonly args: TimelineArgs;
}

export interface TimelineInstant {
  readonly kind: 'instant';
  readonly track: Track;
  readonly name: string;
  readonly category: string;
  readonly at: number;
  readonly args: TimelineArgs;
}

/** What the weights of samples count. */
export type SampleUnit = 'samples' | 'hits' | 'nanoseconds';

/** A stack with how often, or how long. */
export interface TimelineSample {
  readonly kind: 'sample';
  readonly track: Track | null;
  readonly at: number | null;
  /** The outermost frame first. */
  readonly stack: readonly string[];
  readonly weight: number;
  readonly unit: SampleUnit;
}

export type TimelineItem = TimelineSpan | TimelineInstant | TimelineSample;
