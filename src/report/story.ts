import type { Advice } from '../model/about.ts';
import type { CaptureInfo } from '../model/capture.ts';
import type { Classification, Severity } from '../model/classification.ts';
import type { Comparison } from '../model/comparison.ts';
import type { EventOf, Finding } from '../model/event.ts';
import type { RunReport } from '../model/run-report.ts';
import type { Metrics } from './metrics.ts';

/** All that a report is made of: a plain value, read from the folder of a run or of a recording. */
export interface Story {
  /** The folder as it was named. */
  readonly name: string;
  /** How the tool names itself. */
  readonly tool: string;
  /** Of a stress run: its tests and what became of them. */
  readonly run?: RunReport;
  /** Of a run of tests beside an earlier one, where that was asked for. */
  readonly comparison?: Comparison;
  readonly recordings: readonly Recording[];
  /** What could not be read, or not to its end. */
  readonly problems: readonly string[];
}

/** What a recording holds, cut down to what a report tells of it. */
export interface Recording extends Collected {
  /** Folder within that of the run; the folder itself of a recording that stands alone. */
  readonly name: string;
  readonly info: CaptureInfo;
  readonly excerpts: readonly Excerpt[];
  /** What else of the log there is, by name. */
  readonly files: readonly { readonly name: string; readonly bytes: number }[];
}

/** What is left of the events of a recording. Times are host nanoseconds since its start. */
export interface Collected {
  readonly events: number;
  readonly endNs: number;
  readonly findings: number;
  readonly incidentCount: number;
  readonly bySeverity: Readonly<Partial<Record<Severity, number>>>;
  /** By time; when there were too many, the worst of them. */
  readonly incidents: readonly Incident[];
  readonly milestones: readonly Milestone[];
  /** Milestones beyond those. */
  readonly moreMilestones: number;
  readonly losses: readonly string[];
  readonly metrics: Metrics;
}

export type Outcome = EventOf<'incident'>['outcome'];

export interface Incident {
  readonly id: string;
  readonly title: string;
  readonly classification: Classification;
  readonly severity: Severity;
  readonly outcome: Outcome;
  readonly atNs: number;
  readonly endNs?: number;
  readonly recoveryMs?: number;
  readonly test?: string;
  /** The fault that was put in on purpose right before. */
  readonly fault?: string;
  /** The cause first, then what came of it. */
  readonly findings: readonly ToldFinding[];
  /** Findings beyond those. */
  readonly more: number;
  readonly recoveries: readonly EventOf<'recovery'>[];
}

export interface ToldFinding {
  readonly finding: Finding;
  readonly advice?: Advice;
}

/** Something that happened, in a line. */
export interface Milestone {
  readonly atNs: number;
  readonly what: string;
  readonly text: string;
  readonly incident?: string;
}

/** Lines of a raw stream around a finding. */
export interface Excerpt {
  readonly stream: string;
  /** File name within the recording. */
  readonly file: string;
  readonly lines: readonly LogLine[];
}

export interface LogLine {
  /** 1-based. */
  readonly number: number;
  readonly text: string;
  /** It belongs to a finding. */
  readonly evidence: boolean;
  /** Lines between this and the next that are left out. */
  readonly cut?: number;
}
