import { stringify } from 'yaml';
import type { MetricName } from '../metrics/table.ts';

interface Rule {
  readonly alert: string;
  readonly expr: string;
  /** How long it has to hold. */
  readonly for: string;
  readonly severity: 'critical' | 'warning';
  readonly summary: string;
}

/** The name of a metric, which the table has. */
const of = (name: MetricName): string => name;
const increase = (name: MetricName, labels: string, over: string) => `sum(increase(${name}${labels}[${over}]))`;
/** Of a histogram of seconds. */
const average = (name: MetricName, over: string) =>
  `sum(increase(${name}_sum[${over}])) / sum(increase(${name}_count[${over}]))`;

const RULES: readonly Rule[] = [
  {
    alert: 'VexfsTraceTestsFail',
    expr: `${increase('vexfs_trace_tests_total', '{verdict="FAIL"}', '1h')} / ${increase('vexfs_trace_tests_total', '{verdict=~"PASS|FAIL"}', '1h')} > 0.1`,
    for: '0m',
    severity: 'warning',
    summary: '{{ $value | humanizePercentage }} of the tests of the last hour failed',
  },
  {
    alert: 'VexfsTraceGuestsDoNotStart',
    expr: `${increase('vexfs_trace_guest_starts_total', '{result="ok"}', '1h')} / ${increase('vexfs_trace_guest_starts_total', '', '1h')} < 0.9`,
    for: '0m',
    severity: 'critical',
    summary: 'only {{ $value | humanizePercentage }} of the starts of guests in the last hour went well',
  },
  {
    alert: 'VexfsTraceMemory',
    expr: `max by (instance, machine) (${of('vexfs_trace_memory_usage_ratio')}) > 0.9`,
    for: '2m',
    severity: 'warning',
    summary: '{{ $labels.machine }} uses {{ $value | humanizePercentage }} of its memory',
  },
  {
    alert: 'VexfsTraceTestsSlow',
    expr: `${average('vexfs_trace_test_seconds', '1h')} > 2 * (${average('vexfs_trace_test_seconds', '7d')})`,
    for: '0m',
    severity: 'warning',
    summary:
      'tests of the last hour took {{ $value | humanizeDuration }} on average, over twice of what they took in the last week',
  },
  {
    alert: 'VexfsTraceHang',
    expr: `${increase('vexfs_trace_guest_events_total', '{kind=~"hang|frozen|agent-dead"}', '10m')} > 0 and sum(${of('vexfs_trace_incidents_open')}) > 0`,
    for: '1m',
    severity: 'critical',
    summary: 'a guest hangs, and has not been recovered',
  },
  {
    alert: 'VexfsTraceNotRecovered',
    expr: `sum by (classification) (increase(${of('vexfs_trace_incidents_closed_total')}{outcome="not-recovered"}[1h])) > 0`,
    for: '0m',
    severity: 'critical',
    summary: 'an incident ({{ $labels.classification }}) could not be recovered',
  },
  {
    alert: 'VexfsTraceSilent',
    expr: `time() - max(${of('vexfs_trace_last_event_timestamp_seconds')}) > 300 and sum(${of('vexfs_trace_runs_active')}) > 0`,
    for: '1m',
    severity: 'warning',
    summary: 'a run is under way, and nothing was heard of it for {{ $value | humanizeDuration }}',
  },
];

/** Alert rules for Prometheus as YAML. */
export function prometheusRules(): string {
  const rules = RULES.map(({ alert, expr, for: forTime, severity, summary }) => ({
    ...{ alert, expr, for: forTime, labels: { severity }, annotations: { summary } },
  }));
  return `# Made by: vexfs-trace generate prometheus-rules\n${stringify({ groups: [{ name: 'vexfs-trace', rules }] }, { lineWidth: 0 })}`;
}
