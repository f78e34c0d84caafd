import { ACTIONS, CLASSIFICATIONS, SEVERITIES } from '../model/classification.ts';
import { GUEST_KINDS } from '../model/guest-kinds.ts';
import { CULPRITS, DOMAINS, VERDICTS } from '../model/test-run.ts';

export interface MetricRow {
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly help: string;
  readonly labels: readonly Label[];
  /** Upper bounds, of a histogram. */
  readonly buckets?: readonly number[];
  /** What a chart of it shows its axis in. */
  readonly unit: 'count' | 'seconds' | 'bytes' | 'bytes-per-second' | 'ratio' | 'timestamp';
  /** Which part of a dashboard it belongs to; absent: none. */
  readonly panel?: Panel;
}
export const PANELS = ['Findings', 'Recovery', 'Tests', 'Guests', 'Machines', 'Losses'] as const;
export type Panel = (typeof PANELS)[number];

/** Guests of a run that have a number of their own. */
const MAX_GUESTS = 16;
/** What every value is that its label does not know. */
export const OTHER = 'other';

/**
 * What labels there are and every value that each can have: titles, paths and names of tests are none of them, so that the number of
 * series has a bound whatever a guest says. A value that is not here becomes `other`.
 */
export const LABELS = {
  type: ['crash', 'race', 'lock', 'leak'],
  event: ['crash', 'race', 'lock', 'leak', 'incident', 'gap', 'guest', 'recovery', 'metric', 'trace', 'test'],
  classification: CLASSIFICATIONS,
  severity: SEVERITIES,
  outcome: ['recovered', 'not-recovered', 'not-attempted'],
  action: ACTIONS,
  result: ['ok', 'failed', 'skipped'],
  domain: DOMAINS,
  verdict: VERDICTS,
  culprit: CULPRITS,
  kind: GUEST_KINDS,
  loss: ['printk-dropped', 'ftrace-lost', 'bpftrace-lost', 'stream-lost', 'line-cut'],
  machine: ['host', ...Array.from({ length: MAX_GUESTS }, (_, i) => `guest-${i + 1}`)],
  state: ['firing', 'resolved'],
  version: undefined,
} as const satisfies Readonly<Record<string, readonly string[] | undefined>>;
export type Label = keyof typeof LABELS;

const SHORT = [0.01, 0.05, 0.1, 0.5, 1, 2, 5, 10, 30, 60];
const LONG = [1, 5, 15, 30, 60, 120, 300, 600, 1800, 3600];

const counter = (help: string, labels: readonly Label[], panel?: Panel): MetricRow => ({
  ...{ type: 'counter', help, labels, unit: 'count' },
  ...(panel !== undefined && { panel }),
});
const gauge = (help: string, labels: readonly Label[], unit: MetricRow['unit'], panel?: Panel): MetricRow => ({
  ...{ type: 'gauge', help, labels, unit },
  ...(panel !== undefined && { panel }),
});
const seconds = (help: string, labels: readonly Label[], buckets: readonly number[], panel: Panel): MetricRow => ({
  ...{ type: 'histogram', help, labels, unit: 'seconds', buckets, panel },
});

/** Every metric of the program. Names as prometheus.io/docs/practices/naming has them: base units, `_total` of counters. */
export const METRICS = {
  vexfs_trace_build_info: gauge('Always 1; the version of vexfs-trace.', ['version'], 'count'),
  vexfs_trace_events_total: counter('Events of the contract.', ['event']),
  vexfs_trace_findings_total: counter(
    'Complete findings: crashes, races, lock reports, leaks.',
    ['type', 'classification', 'severity'],
    'Findings',
  ),
  vexfs_trace_incidents_total: counter('Incidents that were opened.', ['classification', 'severity'], 'Findings'),
  vexfs_trace_incidents_closed_total: counter(
    'Incidents that were closed, by what became of them.',
    ['classification', 'outcome'],
    'Recovery',
  ),
  vexfs_trace_incidents_open: gauge('Incidents that are open.', [], 'count', 'Findings'),
  vexfs_trace_incident_recovery_seconds: seconds(
    'Time from the opening of an incident to its end, where it was recovered.',
    ['classification'],
    LONG,
    'Recovery',
  ),
  vexfs_trace_recovery_actions_total: counter('Actions of recovery.', ['action', 'result'], 'Recovery'),
  vexfs_trace_recovery_action_seconds: seconds(
    'Time that actions of recovery took, skipped ones left out.',
    ['action'],
    SHORT,
    'Recovery',
  ),
  vexfs_trace_tests_total: counter('Attempts at tests that have ended.', ['domain', 'verdict'], 'Tests'),
  vexfs_trace_test_culprits_total: counter('Attempts at tests that blame somebody.', ['culprit'], 'Tests'),
  vexfs_trace_tests_running: gauge('Tests under way.', [], 'count', 'Tests'),
  vexfs_trace_test_seconds: seconds('Time that attempts at tests took.', ['domain'], LONG, 'Tests'),
  vexfs_trace_guest_events_total: counter('What happened to guests.', ['kind'], 'Guests'),
  vexfs_trace_guest_starts_total: counter('Starts of guests, by whether they came up.', ['result'], 'Guests'),
  vexfs_trace_guest_start_seconds: seconds('Time from the start of a guest to its module loaded.', [], LONG, 'Guests'),
  vexfs_trace_losses_total: counter('Times that something was lost on its way here.', ['loss'], 'Losses'),
  vexfs_trace_lost_records_total: counter('Records that were lost, where it was said how many.', ['loss'], 'Losses'),
  vexfs_trace_cpu_usage_ratio: gauge('CPU time in use, of all CPUs together.', ['machine'], 'ratio', 'Machines'),
  vexfs_trace_memory_bytes: gauge('Memory of the machine.', ['machine'], 'bytes'),
  vexfs_trace_memory_available_bytes: gauge('Memory that programs can still have.', ['machine'], 'bytes', 'Machines'),
  vexfs_trace_memory_usage_ratio: gauge('Memory in use.', ['machine'], 'ratio', 'Machines'),
  vexfs_trace_disk_read_bytes_per_second: gauge('Read from disks.', ['machine'], 'bytes-per-second', 'Machines'),
  vexfs_trace_disk_written_bytes_per_second: gauge('Written to disks.', ['machine'], 'bytes-per-second', 'Machines'),
  vexfs_trace_network_received_bytes_per_second: gauge('Received.', ['machine'], 'bytes-per-second', 'Machines'),
  vexfs_trace_network_sent_bytes_per_second: gauge('Sent.', ['machine'], 'bytes-per-second', 'Machines'),
  vexfs_trace_alerts_total: counter('Alerts of our own that began or ended.', ['severity', 'state'], 'Findings'),
  vexfs_trace_last_event_timestamp_seconds: gauge('When the last event came.', [], 'timestamp'),
  vexfs_trace_run_start_timestamp_seconds: gauge('When the run began.', [], 'timestamp'),
  vexfs_trace_runs_active: gauge('Runs under way.', [], 'count'),
} as const satisfies Readonly<Record<string, MetricRow>>;
export type MetricName = keyof typeof METRICS;
