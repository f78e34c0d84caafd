/**
 * The tables as both databases have them. Text columns hold no NUL and no half of a surrogate pair, and what they cut off is in
 * `body`; truth values are 0 and 1; times are ISO 8601 in UTC, so that their order is that of their text.
 */
export interface Tables {
  store_meta: { name: string; value: string };
  runs: RunRow;
  attempts: AttemptRow;
  events: EventRow;
  tests: TestRow;
  incidents: IncidentRow;
  recoveries: RecoveryRow;
  summaries: SummaryRow;
  crash_statistics: CrashStatistic;
}

export const RUN_KINDS = ['attach', 'stress', 'replay', 'import'] as const;
export type RunKind = (typeof RUN_KINDS)[number];

/** A recording of a guest, or a run of tests whose recordings name it as their `parent`. */
export interface RunRow {
  id: string;
  parent: string | null;
  kind: RunKind;
  /** Of a recording within a run of tests: which lane of it, `guest-1`. */
  name: string | null;
  started: string;
  /** When something was last written; a run that is under way moves it on. */
  seen: string;
  ended: string | null;
  tool: string | null;
  /** JSON: the arguments. */
  command: string;
  guest: string | null;
  kernel: string | null;
  module: string | null;
  /** Folder of the recording, or of the run of tests. */
  capture: string | null;
  kept: number;
  events: number;
  /** Of the events as JSON. */
  bytes: number;
  /** Events that came and are not here. */
  missing: number;
}

/** An attempt at a test, as the journal of its run has it. */
export interface AttemptRow {
  run: string;
  id: string;
  attempt: number;
  test: string;
  domain: string;
  final: number;
  verdict: string;
  culprit: string | null;
  reason: string;
  lane: string | null;
  duration_ms: number;
  /** The whole entry, JSON. */
  body: string;
}

export interface EventRow {
  run: string;
  seq: number;
  id: string;
  event: string;
  kind: string;
  test: string | null;
  boot: number | null;
  incident: string | null;
  severity: string | null;
  title: string | null;
  fingerprint: string | null;
  /** Of a finding: 0 for what came before its report was complete. */
  final: number | null;
  /** Nanoseconds since the start of the run. */
  observed: number | null;
  wall: string | null;
  /** The event as it is written to NDJSON, without the end of the line. */
  body: string;
  /** CRC-32 of it as UTF-8: no database sees that a letter of a text has changed. Null for what an older version wrote. */
  crc: number | null;
}

/** The end of an attempt, as the recording of its guest has it. */
export interface TestRow {
  run: string;
  seq: number;
  test: string;
  attempt: number | null;
  domain: string | null;
  verdict: string | null;
  culprit: string | null;
  reason: string | null;
  duration_ms: number | null;
}

/** An incident as its last event has it. */
export interface IncidentRow {
  run: string;
  incident: string;
  cause: string;
  title: string;
  classification: string;
  severity: string;
  outcome: string;
  test: string | null;
  last_seq: number;
  opened: string | null;
  closed: string | null;
}

export interface RecoveryRow {
  run: string;
  seq: number;
  incident: string | null;
  test: string | null;
  action: string;
  result: string;
  verified: number;
  duration_ms: number;
  reason: string;
}

/** What a run of tests came to, as its summary.json has it: figures, findings that nobody put in, and what it ran on and with. */
export interface SummaryRow {
  run: string;
  body: string;
}

/** Complete findings by fingerprint, over all runs: a view. */
export interface CrashStatistic {
  fingerprint: string;
  title: string;
  /** Runs of tests count once, however many guests they have. */
  runs: number;
  count: number;
  first_seen: string | null;
  last_seen: string | null;
}
