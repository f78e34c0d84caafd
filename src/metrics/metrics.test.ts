import { describe, expect, test } from 'vitest';
import { RunMetrics } from './registry.ts';
import { LABELS, METRICS, type MetricRow } from './table.ts';
import { eventAt, findPromtool, promtool } from './testing.ts';

const CRASH = {
  ...{ event: 'crash', kind: 'null-deref', severity: 'critical', final: true },
  matches: [{ classification: 'module-crash' }],
};
const INCIDENT = { event: 'incident', incident: 'i1', classification: 'deadlock', severity: 'critical' };
const USAGE = { cpuPercent: 50, memoryTotal: 1000, memoryAvailable: 250, memoryPercent: 75, diskRead: null };

/** Series that are not 0. */
async function seriesOf(events: readonly [object, string?][]): Promise<string[]> {
  const metrics = new RunMetrics('1.2.3');
  const run = metrics.run(7000);
  for (const [i, [event, lane]] of events.entries()) run.event(eventAt(i, event), lane);
  return linesOf(await metrics.text());
}
const linesOf = (text: string) => text.split('\n').filter((line) => line !== '' && !/^#| 0$/.test(line));

const CASES: Readonly<Record<string, readonly [readonly [object, string?][], readonly string[]]>> = {
  'a finding counts when it is complete': [
    [[{ ...CRASH, final: false }], [CRASH]],
    ['vexfs_trace_findings_total{type="crash",classification="module-crash",severity="critical"} 1'],
  ],
  'a finding without a match is what its kind is': [
    [[{ ...CRASH, kind: 'hung-task', matches: [] }], [{ ...CRASH, kind: 'of-tomorrow', matches: [] }]],
    [
      'vexfs_trace_findings_total{type="crash",classification="deadlock",severity="critical"} 1',
      'vexfs_trace_findings_total{type="crash",classification="unknown",severity="critical"} 1',
    ],
  ],
  'an open incident': [
    [[{ ...INCIDENT, kind: 'opened' }], [{ ...INCIDENT, kind: 'updated' }]],
    ['vexfs_trace_incidents_open 1'],
  ],
  'an incident that was recovered': [
    [[{ ...INCIDENT, kind: 'opened' }], [{ ...INCIDENT, kind: 'closed', outcome: 'recovered', recoveryMs: 2500 }]],
    [
      'vexfs_trace_incidents_total{classification="deadlock",severity="critical"} 1',
      'vexfs_trace_incidents_closed_total{classification="deadlock",outcome="recovered"} 1',
      'vexfs_trace_incident_recovery_seconds_sum{classification="deadlock"} 2.5',
    ],
  ],
  'a skipped action took no time': [
    [[{ event: 'recovery', kind: 'remount', result: 'skipped', durationMs: 0 }]],
    ['vexfs_trace_recovery_actions_total{action="remount",result="skipped"} 1'],
  ],
  'an action of today in seconds': [
    [[{ event: 'recovery', kind: 'remount', result: 'ok', durationMs: 250 }]],
    ['vexfs_trace_recovery_action_seconds_sum{action="remount"} 0.25'],
  ],
  'tests of two guests': [
    [
      [{ event: 'test', kind: 'start', test: 'a' }, 'guest-1'],
      [{ event: 'test', kind: 'start', test: 'b' }, 'guest-2'],
      [
        { event: 'test', kind: 'end', test: 'a', domain: 'vector', verdict: 'FAIL', culprit: 'code', durationMs: 3000 },
        'guest-1',
      ],
    ],
    [
      'vexfs_trace_tests_running 1',
      'vexfs_trace_tests_total{domain="vector",verdict="FAIL"} 1',
      'vexfs_trace_test_culprits_total{culprit="code"} 1',
      'vexfs_trace_test_seconds_sum{domain="vector"} 3',
    ],
  ],
  'a start, and one that fails': [
    [
      [{ event: 'guest', kind: 'boot', detail: {} }],
      [{ event: 'guest', kind: 'ready', detail: {} }],
      [{ event: 'guest', kind: 'reset', detail: {} }],
      [{ event: 'guest', kind: 'exit', detail: {} }],
    ],
    [
      'vexfs_trace_guest_starts_total{result="ok"} 1',
      'vexfs_trace_guest_starts_total{result="failed"} 1',
      'vexfs_trace_guest_start_seconds_sum 1',
    ],
  ],
  'a loss of nobody knows how much': [
    [[{ event: 'gap', kind: 'ftrace-lost', lost: null }], [{ event: 'gap', kind: 'ftrace-lost', lost: 40 }]],
    ['vexfs_trace_losses_total{loss="ftrace-lost"} 2', 'vexfs_trace_lost_records_total{loss="ftrace-lost"} 40'],
  ],
  'what machines use': [
    [
      [{ event: 'metric', kind: 'resource', name: 'host', values: USAGE }],
      [{ event: 'metric', kind: 'resource', name: 'guest', values: { memoryPercent: 91 } }, 'guest-2'],
    ],
    [
      'vexfs_trace_cpu_usage_ratio{machine="host"} 0.5',
      'vexfs_trace_memory_available_bytes{machine="host"} 250',
      'vexfs_trace_memory_usage_ratio{machine="guest-2"} 0.91',
    ],
  ],
  'a guest that nobody has a number for': [
    [[{ event: 'metric', kind: 'resource', name: 'guest', values: { memoryPercent: 50 } }, 'guest-99']],
    ['vexfs_trace_memory_usage_ratio{machine="other"} 0.5'],
  ],
  'values that are none': [[[{ event: 'metric', kind: 'resource', name: 'host', values: 'much' }]], []],
};

describe('events become numbers', () => {
  for (const [name, [events, expected]] of Object.entries(CASES))
    test(name, async () => {
      const series = await seriesOf(events);
      expect(series).toEqual(expect.arrayContaining([...expected]));
    });

  test('a run that ends has nothing open', async () => {
    const metrics = new RunMetrics('1');
    const [first, second] = [metrics.run(0), metrics.run(0)];
    first.event(eventAt(1, { ...INCIDENT, kind: 'opened' }));
    second.event(eventAt(1, { ...INCIDENT, kind: 'opened' }));
    expect(linesOf(await metrics.text())).toContain('vexfs_trace_incidents_open 2');
    first.end();
    first.end();
    const lines = linesOf(await metrics.text());
    expect(lines).toContain('vexfs_trace_incidents_open 1');
    expect(lines).toContain('vexfs_trace_runs_active 1');
  });
});

test('the number of series has a bound, whatever a guest says', async () => {
  const metrics = new RunMetrics('1');
  const run = metrics.run(0);
  for (let i = 0; i < 2000; i++) {
    const evil = `x"} 1\n${i}`;
    const all = { classification: evil, severity: evil, kind: evil, result: evil, domain: evil, verdict: evil };
    for (const event of ['crash', 'incident', 'recovery', 'test', 'guest', 'gap'])
      run.event(
        eventAt(i, {
          ...all,
          event,
          final: true,
          matches: [{ classification: evil }],
          detail: {},
          lost: 1,
          durationMs: 1,
        }),
        evil,
      );
  }
  const text = await metrics.text();
  expect(text).not.toContain('x"');
  expect(text.length).toBeLessThan(60_000);
});

describe('the table', () => {
  for (const [name, { type, help, labels, unit, buckets }] of Object.entries(METRICS) as [string, MetricRow][])
    test(name, () => {
      expect(name).toMatch(/^vexfs_trace_[a-z]+(_[a-z]+)*$/);
      expect(name.endsWith('_total')).toBe(type === 'counter');
      if (unit === 'seconds') expect(name).toMatch(/_seconds$/);
      if (unit === 'bytes') expect(name).toMatch(/_bytes$/);
      if (unit === 'ratio') expect(name).toMatch(/_ratio$/);
      expect(help).toMatch(/\.$/);
      expect(buckets !== undefined).toBe(type === 'histogram');
      const product = labels.reduce((all, label) => all * ((LABELS[label]?.length ?? 0) + 1), 1);
      expect(product).toBeLessThanOrEqual(400);
    });
});

describe.skipIf(findPromtool() === undefined)('promtool (.ci/setup.sh prometheus)', () => {
  test('finds nothing wrong with the text', async () => {
    const metrics = new RunMetrics('1');
    const run = metrics.run(0);
    for (const [events] of Object.values(CASES)) for (const [event, lane] of events) run.event(eventAt(1, event), lane);
    run.alert('major', 'firing');
    const { status, stdout, stderr } = promtool(['check', 'metrics'], await metrics.text());
    expect(`${stdout}${stderr}`).toBe('');
    expect(status).toBe(0);
  });

  test('would find it', () => {
    expect(promtool(['check', 'metrics'], '# TYPE a counter\na 1\n').status).not.toBe(0);
  });
});
