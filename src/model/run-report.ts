import type { Culprit, Domain, Verdict } from './test-run.ts';

/** What became of a test of a run, in the end. */
export interface TestRow {
  readonly id: string;
  readonly domain: Domain;
  readonly about: string;
  readonly verdict: Verdict;
  readonly culprit?: Culprit;
  readonly reason: string;
  readonly attempts: number;
  readonly durationMs: number;
  readonly seed: number;
  readonly guest?: string;
  readonly findings: readonly string[];
  /** What broke it, and how it was mended; of a fault that was put in on purpose, too. */
  readonly incidents: readonly IncidentRow[];
  readonly figures: Readonly<Record<string, unknown>>;
}

export interface IncidentRow {
  readonly title: string;
  readonly classification: string;
  readonly outcome: string;
  readonly durationMs: number;
  /** Without the time in which a guest booted or was restored. */
  readonly beyondBootMs: number;
  readonly recoveries: readonly { readonly action: string; readonly verified: boolean; readonly durationMs: number }[];
}

/** A run of tests, for people and for programs: what every format of it says. */
export interface RunReport {
  readonly run: string;
  readonly tool: string;
  /** ISO 8601. */
  readonly started: string;
  readonly durationMs: number;
  /** The command that does it again. */
  readonly command: readonly string[];
  readonly guests: readonly string[];
  readonly seed: number;
  /** In the order of the plan; a test that an interruption left out is missing. */
  readonly tests: readonly TestRow[];
  readonly planned: number;
  readonly counts: Readonly<Record<Verdict, number>>;
  /** Findings that came between tests. */
  readonly strays: readonly string[];
  /** Processes and folders of guests that were still there at the end. */
  readonly orphans: readonly string[];
  /** How often the run was taken up again. */
  readonly resumed: number;
  /** What it ran on and with, by name: machine, kernel, module. Absent in what older versions wrote. */
  readonly facts?: Readonly<Record<string, string>>;
}
