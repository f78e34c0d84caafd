import type { Comparison } from './comparison.ts';
import type { Event } from './event.ts';

/** What the pages of `serve` are told, as JSON. Texts come from logs: whoever shows them treats them as text. */
export interface AboutServer {
  readonly tool: string;
  /** What may be changed through the pages. */
  readonly writable: boolean;
  /** Where runs are kept, without passwords; null where none is read. */
  readonly store: string | null;
  readonly folders: readonly string[];
  /** What could not be read. */
  readonly problems: readonly string[];
}

export type RunKind = 'attach' | 'stress' | 'replay' | 'import';
export type RunState = 'running' | 'ended' | 'cut off';

export interface RecordingItem {
  readonly id: string;
  /** Of a run of tests, which lane: `guest-1`. */
  readonly name: string;
  readonly state: RunState;
  readonly kernel: string | null;
  readonly module: string | null;
  readonly guest: string | null;
}

/** A run of tests with its recordings, or a recording that stands alone. Counts are null where nobody has counted. */
export interface RunItem {
  readonly id: string;
  readonly kind: RunKind;
  readonly name: string;
  readonly state: RunState;
  readonly started: string | null;
  readonly ended: string | null;
  readonly command: readonly string[];
  readonly kernel: string | null;
  readonly module: string | null;
  readonly recordings: readonly RecordingItem[];
  readonly events: number | null;
  readonly findings: number | null;
  readonly incidents: number | null;
  readonly recovered: number | null;
  /** How many tests came to what. */
  readonly verdicts: Readonly<Record<string, number>> | null;
  readonly kept: boolean;
  readonly stored: boolean;
  readonly folder: string | null;
  /** It can be compared with others. */
  readonly measured: boolean;
}

export interface TestItem {
  readonly id: string;
  readonly test: string;
  readonly domain: string;
  readonly attempt: number;
  readonly final: boolean;
  readonly verdict: string;
  readonly culprit: string | null;
  readonly reason: string;
  readonly durationMs: number;
  readonly guest: string | null;
  readonly findings: readonly string[];
}

export interface RunDetail extends RunItem {
  readonly tests: readonly TestItem[];
}

/** Seconds since the start, and a value. */
export type Point = readonly [seconds: number, value: number];

export interface Curve {
  readonly name: string;
  readonly points: readonly Point[];
}

export interface ChartData {
  readonly events: readonly Curve[];
  readonly cpu: readonly Curve[];
  readonly memory: readonly Curve[];
  readonly disk: readonly Curve[];
  readonly rates: readonly Curve[];
  readonly latencies: readonly Curve[];
}

/** An incident of a recording; times are seconds since its start. */
export interface IncidentItem {
  readonly id: string;
  readonly title: string;
  readonly severity: string;
  readonly classification: string;
  readonly outcome: string;
  readonly at: number;
  readonly end: number | null;
  readonly recoveryMs: number | null;
  readonly test: string | null;
  /** Put in on purpose right before. */
  readonly fault: string | null;
  readonly fingerprint: string | null;
  /** Of the events that it is made of, where they are known. */
  readonly seqs: readonly number[];
  readonly recoveries: readonly { readonly action: string; readonly result: string; readonly verified: boolean }[];
}

export interface MilestoneItem {
  readonly at: number;
  readonly what: string;
  readonly text: string;
}

/** Counts of what a probe measured, by key. */
export interface ProbeItem {
  readonly name: string;
  readonly kind: 'hist' | 'map';
  readonly rows: readonly {
    readonly key: string;
    readonly value?: number;
    readonly buckets?: readonly { readonly min: number | null; readonly max: number | null; readonly count: number }[];
  }[];
}

/** What a recording has come to so far. */
export interface Digest {
  readonly recording: string;
  readonly state: RunState;
  /** Number of the last event that is counted in; -1 before the first. */
  readonly seq: number;
  readonly events: number;
  readonly seconds: number;
  readonly findings: number;
  readonly bySeverity: Readonly<Record<string, number>>;
  readonly incidentCount: number;
  readonly recovered: number;
  /** By time; when there are too many, the worst. */
  readonly incidents: readonly IncidentItem[];
  readonly milestones: readonly MilestoneItem[];
  readonly moreMilestones: number;
  readonly losses: readonly string[];
  readonly charts: ChartData;
  readonly probes: readonly ProbeItem[];
  /** Lines that are no event. */
  readonly damaged: number;
}

/** Raw streams of a recording, with their sizes in bytes. */
export interface StreamItem {
  readonly name: string;
  readonly bytes: number;
}

/** Complete findings of one fingerprint over all runs. */
export interface IncidentGroup {
  readonly fingerprint: string;
  readonly title: string;
  readonly kind: string;
  readonly severity: string;
  readonly guiltyFile: string;
  readonly pattern: string | null;
  readonly count: number;
  readonly runs: readonly string[];
  readonly first: string | null;
  readonly last: string | null;
}

export interface IncidentGroupDetail extends IncidentGroup {
  /** The last times that it was seen, the last first. */
  readonly occurrences: readonly {
    readonly run: string;
    readonly recording: string;
    readonly seq: number;
    readonly wall: string | null;
    readonly test: string | null;
  }[];
  readonly example: Event | null;
}

export interface PatternItem {
  readonly id: string;
  readonly title: string;
  readonly classification: string;
  readonly severity: string;
  readonly meaning: string;
  readonly lookAt: readonly string[];
  readonly references: readonly string[];
  readonly actions: readonly string[];
  readonly since: string | null;
  readonly until: string | null;
}

export interface RunComparison {
  readonly a: RunItem;
  readonly b: RunItem;
  /** Where both have figures of tests. */
  readonly measured: Comparison | null;
  readonly why: string | null;
  readonly findings: readonly {
    readonly fingerprint: string;
    readonly title: string;
    readonly status: 'new' | 'known' | 'gone';
    readonly before: number;
    readonly after: number;
  }[];
}

/** How an answer says that there is none. */
export interface Refusal {
  readonly error: string;
  readonly next?: string;
}
