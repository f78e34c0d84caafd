import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { METRICS } from '../metrics/table.ts';
import { findPromtool, promtool } from '../metrics/testing.ts';
import { grafanaDashboard } from './grafana.ts';
import { prometheusRules } from './prometheus-rules.ts';

const dir = mkdtempSync(join(tmpdir(), 'vexfs-rules-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

/** Series that a rule is tried on, when it is asked, and whether it fires then. Values as promtool writes them: start+step×times, a minute each. */
const CASES: readonly (readonly [
  alert: string,
  series: Readonly<Record<string, string>>,
  at: string,
  summary?: string,
])[] = [
  [
    'VexfsTraceTestsFail',
    { 'vexfs_trace_tests_total{verdict="FAIL"}': '0+1x60', 'vexfs_trace_tests_total{verdict="PASS"}': '0+4x60' },
    '60m',
    '20% of the tests of the last hour failed',
  ],
  ['VexfsTraceTestsFail', { 'vexfs_trace_tests_total{verdict="PASS"}': '0+4x60' }, '60m'],
  [
    'VexfsTraceGuestsDoNotStart',
    {
      'vexfs_trace_guest_starts_total{result="ok"}': '0+1x60',
      'vexfs_trace_guest_starts_total{result="failed"}': '0+1x60',
    },
    '60m',
    'only 50% of the starts of guests in the last hour went well',
  ],
  ['VexfsTraceGuestsDoNotStart', { 'vexfs_trace_guest_starts_total{result="ok"}': '0+1x60' }, '60m'],
  ['VexfsTraceMemory', { 'vexfs_trace_memory_usage_ratio{machine="guest-1"}': '0.95x60' }, '1m'],
  [
    'VexfsTraceMemory',
    { 'vexfs_trace_memory_usage_ratio{machine="guest-1"}': '0.95x60' },
    '5m',
    'guest-1 uses 95% of its memory',
  ],
  [
    'VexfsTraceHang',
    { 'vexfs_trace_guest_events_total{kind="hang"}': '0 1 1 1 1', vexfs_trace_incidents_open: '1x9' },
    '4m',
    'a guest hangs, and has not been recovered',
  ],
  [
    'VexfsTraceHang',
    { 'vexfs_trace_guest_events_total{kind="hang"}': '0 1 1 1 1', vexfs_trace_incidents_open: '0x9' },
    '4m',
  ],
  [
    'VexfsTraceNotRecovered',
    { 'vexfs_trace_incidents_closed_total{classification="deadlock",outcome="not-recovered"}': '0 1 1 1' },
    '3m',
    'an incident (deadlock) could not be recovered',
  ],
  [
    'VexfsTraceTestsSlow',
    {
      vexfs_trace_test_seconds_sum: '0+60x1000 60000+600x60',
      vexfs_trace_test_seconds_count: '0+1x1061',
    },
    '1060m',
    'tests of the last hour took 9m 50s on average, over twice of what they took in the last week',
  ],
  [
    'VexfsTraceSilent',
    { vexfs_trace_last_event_timestamp_seconds: '60x20', vexfs_trace_runs_active: '1x20' },
    '12m',
    'a run is under way, and nothing was heard of it for 11m 0s',
  ],
];

describe.skipIf(findPromtool() === undefined)('promtool (.ci/setup.sh prometheus)', () => {
  const rules = join(dir, 'rules.yml');
  writeFileSync(rules, prometheusRules());

  test('takes the rules', () => {
    const { stdout, stderr, status } = promtool(['check', 'rules', rules]);
    expect({ stdout, stderr, status }).toMatchObject({
      stderr: '',
      status: 0,
      stdout: expect.stringContaining('SUCCESS'),
    });
  });

  test('takes what the dashboard asks', () => {
    const asked = expressions().map((expr, i) => ({
      record: `r${i}`,
      // What Grafana puts in.
      expr: expr.replaceAll('$__rate_interval', '5m'),
    }));
    const file = join(dir, 'dashboard.yml');
    writeFileSync(file, stringify({ groups: [{ name: 'dashboard', rules: asked }] }));
    const { stdout, status } = promtool(['check', 'rules', file]);
    expect({ stdout, status }).toMatchObject({ status: 0 });
    expect(stdout).toContain(`${asked.length} rules found`);
  });

  for (const [alert, series, at, summary] of CASES)
    test(`${alert} ${summary === undefined ? 'is silent' : 'fires'} at ${at}`, () => {
      const [{ severity } = { severity: '' }] = rulesOf(alert);
      const labels = Object.keys(series)[0]?.match(/(machine|classification)="([^"]+)"/);
      const expected = {
        exp_labels: { severity, ...(labels?.[1] !== undefined && { [labels[1]]: labels[2] }) },
        exp_annotations: { summary },
      };
      const file = join(dir, 'test.yml');
      const tests = [
        {
          interval: '1m',
          input_series: Object.entries(series).map(([name, values]) => ({ series: name, values })),
          alert_rule_test: [{ eval_time: at, alertname: alert, exp_alerts: summary === undefined ? [] : [expected] }],
        },
      ];
      writeFileSync(file, stringify({ rule_files: ['rules.yml'], evaluation_interval: '1m', tests }));
      const { stdout, stderr, status } = promtool(['test', 'rules', file]);
      expect({ stdout, stderr, status }).toMatchObject({ status: 0 });
    });
});

test('every rule is tried', () => {
  expect(new Set(CASES.filter(([, , , summary]) => summary !== undefined).map(([alert]) => alert))).toEqual(
    new Set(rulesOf().map(({ alert }) => alert)),
  );
});

test('rules and dashboard ask for metrics that there are, the dashboard for all that have a panel', () => {
  const known = new Set(Object.keys(METRICS));
  const asked = [...expressions(), ...rulesOf().map(({ expr }) => expr)].flatMap((expr) => namesIn(expr));
  expect(asked.length).toBeGreaterThan(20);
  for (const name of asked) expect(known).toContain(name.replace(/_(bucket|sum|count)$/, ''));
  const inDashboard = new Set(
    expressions()
      .flatMap(namesIn)
      .map((name) => name.replace(/_bucket$/, '')),
  );
  for (const [name, row] of Object.entries(METRICS)) expect(inDashboard.has(name), name).toBe('panel' in row);
});

function rulesOf(alert?: string): { alert: string; expr: string; severity: string }[] {
  const { groups } = parse(prometheusRules()) as {
    groups: { rules: { alert: string; expr: string; labels: { severity: string } }[] }[];
  };
  return groups
    .flatMap(({ rules }) => rules.map(({ labels, ...rule }) => ({ ...rule, ...labels })))
    .filter((rule) => alert === undefined || rule.alert === alert);
}

function expressions(): string[] {
  const { panels } = JSON.parse(grafanaDashboard()) as { panels: { targets?: { expr: string }[] }[] };
  return panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));
}

const namesIn = (expr: string): string[] => expr.match(/vexfs_trace_\w+/g) ?? [];
