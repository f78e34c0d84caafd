import { describe, expect, test } from 'vitest';
import { seeded } from '../base/random.ts';
import type { MeasuredRun, MeasuredTest } from '../model/measured-run.ts';
import type { FailureHistory } from '../model/trend.ts';
import { type FailedRun, failureHistory } from './failure-history.ts';
import { changePoint, mannKendall, theilSen } from './trend.ts';
import { trendOf } from './trends.ts';

const DAY = 86_400_000;

describe('the tests', () => {
  /** All orders of so many values. */
  function* orders(values: readonly number[]): Generator<readonly number[]> {
    if (values.length <= 1) yield values;
    for (const [i, first] of values.entries())
      for (const rest of orders([...values.slice(0, i), ...values.slice(i + 1)])) yield [first, ...rest];
  }
  const score = (values: readonly number[]) =>
    values.reduce(
      (sum, value, i) => sum + values.slice(i + 1).reduce((all, other) => all + Math.sign(other - value), 0),
      0,
    );

  test.each([4, 5, 6, 7])('Mann and Kendall of %s values is the share of orders that are as far from none', (n) => {
    const all = [...orders(Array.from({ length: n }, (_, i) => i))];
    const scores = all.map((values) => Math.abs(score(values)));
    for (const values of all.filter((_, i) => i % 37 === 0)) {
      const own = Math.abs(score(values));
      const share = scores.filter((other) => other >= own).length / all.length;
      expect(mannKendall(values).p).toBeCloseTo(Math.min(1, share), 10);
    }
  });

  test('with ties, and beyond what is counted, by the normal approximation', () => {
    const rising = Array.from({ length: 40 }, (_, i) => i);
    expect(mannKendall(rising)).toEqual({ tau: 1, p: expect.closeTo(0, 12) });
    expect(mannKendall([1, 1, 1, 1, 1])).toEqual({ tau: 0, p: 1 });
    // S = 9, variance = (5 * 4 * 15 - 18) / 18, z = 8 / sqrt(variance) = 2.021.
    expect(mannKendall([1, 2, 2, 3, 4]).p).toBeCloseTo(0.0433, 3);
    expect(mannKendall([1, 2, 3]).p).toBe(1);
  });

  test('false alarms are as rare as p says', () => {
    const random = seeded(5);
    for (const n of [7, 15, 30]) {
      const alarms = Array.from({ length: 2000 }, () => mannKendall(Array.from({ length: n }, random)).p).filter(
        (p) => p < 0.05,
      );
      expect(alarms.length / 2000).toBeLessThan(0.065);
      const steps = Array.from({ length: 2000 }, () => changePoint(Array.from({ length: n }, random)).p).filter(
        (p) => p < 0.05,
      );
      expect(steps.length / 2000).toBeLessThan(0.065);
    }
  });

  const SLOPES: readonly (readonly [readonly (readonly [number, number])[], number])[] = [
    [
      [
        [0, 1],
        [1, 3],
        [2, 5],
      ],
      2,
    ],
    // One wild value does not turn it.
    [
      [
        [0, 0],
        [1, 1],
        [2, 2],
        [3, 300],
        [4, 4],
        [5, 5],
      ],
      1,
    ],
    [
      [
        [0, 5],
        [0, 9],
        [2, 7],
      ],
      0,
    ],
    [[[3, 4]], Number.NaN],
  ];
  test.each(SLOPES)('the slope of %j', (points, slope) => {
    expect(theilSen(points)).toBe(slope);
  });

  test('the place where a level changes', () => {
    expect(changePoint([1, 1.1, 0.9, 1, 1.05, 0.95, 2, 2.1, 1.9, 2, 2.05, 1.95])).toMatchObject({ at: 6 });
    expect(changePoint([1, 1.1, 0.9, 1, 1.05, 0.95, 2, 2.1, 1.9, 2, 2.05, 1.95]).p).toBeLessThan(0.05);
    expect(changePoint([5])).toEqual({ at: 0, p: 1 });
  });
});

function runOf(n: number, tests: readonly Partial<MeasuredTest>[], facts: Record<string, string> = {}): MeasuredRun {
  return {
    ...{ name: `run-${n}`, tool: 'vexfs-trace 1', command: ['stress'], guests: [] },
    started: new Date(Date.UTC(2026, 0, 1) + n * DAY).toISOString(),
    facts: new Map(Object.entries({ cpu: 'A', ...facts })),
    tests: tests.map((each) => ({
      ...{ id: 'files', verdict: 'PASS', reason: '', durationMs: 1000, findings: [], incidents: [], figures: {} },
      ...each,
    })),
  };
}

describe('trends', () => {
  const random = seeded(3);
  /** Noise of two percent around what is given of each day. */
  const series = (days: number, of: (day: number) => number, facts?: (day: number) => Record<string, string>) =>
    Array.from({ length: days }, (_, day) =>
      runOf(day, [{ durationMs: of(day) * (0.99 + 0.02 * random()) }], facts?.(day)),
    );

  test('grows by a percent a day: worse, with its slope', () => {
    const { metrics, runs, from, to } = trendOf(series(30, (day) => 1000 * (1 + day / 100)));
    expect(metrics[0]).toMatchObject({ metric: 'files/duration', verdict: 'worse', unit: 'ms' });
    expect(metrics[0]?.slope).toBeGreaterThan(0.007);
    expect(metrics[0]?.slope).toBeLessThan(0.011);
    expect([runs, from, to]).toEqual([30, '2026-01-01T00:00:00.000Z', '2026-01-30T00:00:00.000Z']);
  });

  test('a step is told with the two runs around it and what they differ in', () => {
    const facts = (day: number) => ({ 'module-digest': day < 12 ? 'old' : 'new' });
    const [metric] = trendOf(series(24, (day) => (day < 12 ? 1000 : 800), facts)).metrics;
    expect(metric?.verdict).toBe('better');
    expect(metric?.step).toEqual({
      ...{ before: 'run-11', after: 'run-12', ratio: expect.closeTo(-0.2, 2) },
      changes: [{ what: 'module-digest', before: 'old', after: 'new' }],
    });
  });

  test('what stays is steady, and of few runs nothing is said', () => {
    expect(trendOf(series(30, () => 1000)).metrics).toMatchObject([{ verdict: 'steady' }]);
    expect(trendOf(series(3, (day) => 1000 * day + 1)).metrics).toEqual([]);
    expect(trendOf([])).toEqual({ ...{ runs: 0, from: '', to: '', otherMachines: 0 }, metrics: [], outliers: [] });
  });

  test('figures of another machine are left out', () => {
    const trend = trendOf(
      series(
        12,
        (day) => (day % 2 === 0 ? 1000 : 9000),
        (day) => ({ cpu: day % 2 === 0 ? 'A' : 'B' }),
      ),
    );
    expect(trend).toMatchObject({ runs: 6, otherMachines: 6, outliers: [] });
  });

  test('over twice as long as before is out of the usual', () => {
    const { outliers } = trendOf(series(8, (day) => (day === 5 ? 2500 : 1000)));
    expect(outliers).toEqual([
      { run: 'run-5', metric: 'files/duration', value: expect.closeTo(2500, -2), usual: expect.closeTo(1000, -2) },
    ]);
    expect(trendOf(series(8, (day) => (day === 2 ? 2500 : 1000))).outliers).toEqual([]);
  });
});

describe('failures over runs', () => {
  /** A letter a run: x has it, o could have had it, - did not run that test. */
  const history = (strip: string): FailureHistory | undefined => {
    const runs = [...strip].map((letter, i): FailedRun => {
      const run = runOf(i, [{ id: letter === '-' ? 'names' : 'files.2' }], { 'module-digest': `d${i}` });
      const time = run.started;
      const hit = { fingerprint: 'f', title: `BUG ${i}`, count: 2, tests: ['files'], first: time, last: time };
      return { run, hits: letter === 'x' ? [hit] : [] };
    });
    return failureHistory(runs)[0];
  };
  const TABLE: readonly (readonly [string, Partial<FailureHistory>])[] = [
    ['ooox', { status: 'new', flaky: false, hits: 1, times: 1, strip: '···x' }],
    ['x', { status: 'known', flaky: false, hits: 1, times: 1 }],
    ['oxxx', { status: 'known', flaky: false, hits: 3, times: 3 }],
    ['xoxox', { status: 'known', flaky: true, hits: 3, times: 5 }],
    ['xx-o--ooo', { status: 'gone', flaky: false, hits: 2, times: 6, strip: 'xx····' }],
    ['xo-', { status: 'rare', flaky: false, strip: 'x·' }],
    ['--x--', { status: 'known', strip: 'x' }],
  ];
  test.each(TABLE)('%s', (strip, expected) => {
    expect(history(strip)).toMatchObject(expected);
  });
  test('the two runs between which it came and went, and what they differ in', () => {
    expect(history('o-xxooo')).toMatchObject({
      ...{ title: 'BUG 3', count: 4 },
      ...{ firstSeen: '2026-01-03T00:00:00.000Z', lastSeen: '2026-01-04T00:00:00.000Z' },
      came: { before: 'run-0', after: 'run-2', changes: [{ what: 'module-digest', before: 'd0', after: 'd2' }] },
      went: { before: 'run-3', after: 'run-4' },
    });
    expect(history('xx')).not.toHaveProperty('came');
  });
});
