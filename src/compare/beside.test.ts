import { describe, expect, test } from 'vitest';
import type { MeasuredTest } from '../model/measured-run.ts';
import { anomaliesOf } from './anomalies.ts';
import { changesOf, unlikeOf, verdictsOf } from './changes.ts';
import { compareSides } from './compare.ts';
import { crashesOf } from './crashes.ts';
import { parityOf } from './parity.ts';
import { ratesOf, runOf, sideOf, testOf } from './testing.ts';

const side = (...tests: readonly MeasuredTest[]) => sideOf(runOf(tests));

describe('findings', () => {
  const oops = (id: string, ...findings: string[]) => testOf(id, { verdict: 'FAIL', findings });

  test.each([
    [
      'new',
      side(testOf('files')),
      side(oops('files', 'BUG')),
      { status: 'new', flaky: false, before: [0, 1], after: [1, 1] },
    ],
    [
      'gone',
      side(oops('files', 'BUG')),
      side(testOf('files')),
      { status: 'gone', flaky: false, before: [1, 1], after: [0, 1] },
    ],
    ['known', side(oops('files', 'BUG')), side(oops('files', 'BUG')), { status: 'known', flaky: false }],
    [
      'flaky',
      side(oops('files', 'BUG'), testOf('files.2')),
      side(testOf('files'), testOf('files.2')),
      { status: 'gone', flaky: true, before: [1, 2], after: [0, 2] },
    ],
    [
      'of two tests',
      side(oops('files', 'BUG')),
      side(oops('names', 'BUG'), testOf('names.2'), testOf('files')),
      { status: 'known', flaky: true, before: [1, 1], after: [1, 3] },
    ],
  ] as const)('%s', (_, before, after, row) => {
    expect(crashesOf(before, after)).toEqual([expect.objectContaining({ title: 'BUG', ...row })]);
  });

  test('of a test that was left out are none', () => {
    expect(crashesOf(side(), side(testOf('x', { verdict: 'SKIP', findings: ['BUG'] })))).toEqual([]);
  });
});

describe('over twice as long', () => {
  const took = (...times: number[]) => side(...times.map((durationMs, i) => testOf(`files.${i + 1}`, { durationMs })));

  test.each([
    [[1000], [2001], [{ test: 'files', beforeMs: 1000, afterMs: 2001 }]],
    [[1000], [2000], []],
    [[1000, 900, 5000], [1500, 2500], [{ test: 'files', beforeMs: 1000, afterMs: 2500 }]],
    [[10], [90], []],
    [[], [5000], []],
    [[0], [5000], []],
    [[1000], [Number.NaN], []],
  ])('%j, now %j', (before, after, anomalies) => {
    expect(anomaliesOf(took(...before), took(...after))).toEqual(anomalies);
  });
});

describe('what has changed', () => {
  const facts = (more: Readonly<Record<string, string>>) =>
    new Map(Object.entries({ cpu: 'one', cpus: '2', kernel: '6.1', 'module-digest': 'aa', ...more }));
  const before = sideOf(runOf([], { facts: facts({}), command: ['stress', '--seed', '1', '--folder', 'a'] }));

  test.each([
    ['nothing', {}, [], []],
    ['the machine', { cpu: 'other' }, ['cpu'], []],
    ['the kernel', { kernel: '6.12' }, [], ['kernel']],
    ['the module', { 'module-digest': 'bb' }, [], ['module-digest']],
  ])('%s', (_, changed, unlike, changes) => {
    const after = sideOf(runOf([], { facts: facts(changed), command: ['stress', '--seed', '1', '--folder', 'b'] }));
    expect(unlikeOf(before, after).map(({ what }) => what)).toEqual(unlike);
    expect(changesOf(before, after).map(({ what }) => what)).toEqual(changes);
  });

  test('tool and command', () => {
    const after = sideOf(runOf([], { facts: facts({}), tool: 'vexfs-trace 2', command: ['stress', '--seed', '2'] }));
    expect(changesOf(before, after)).toEqual([
      { what: 'tool', before: 'vexfs-trace 1', after: 'vexfs-trace 2' },
      { what: 'command', before: 'stress --seed 1', after: 'stress --seed 2' },
    ]);
  });

  test('what nobody wrote down makes no other machine of it', () => {
    const old = sideOf(runOf([]));
    expect(unlikeOf(old, before)).toEqual([]);
  });

  test('verdicts, of all times a test was run', () => {
    const after = side(testOf('files'), testOf('files.2', { verdict: 'FAIL' }), testOf('names'));
    expect(verdictsOf(side(testOf('files'), testOf('names'), testOf('gone')), after)).toEqual([
      { what: 'files', before: 'PASS', after: 'FAIL and PASS' },
      { what: 'gone', before: 'PASS', after: 'not run' },
    ]);
  });
});

describe('parity', () => {
  const rates = Array.from({ length: 12 }, (_, i) => 100 + i / 10);
  const latencies = (by: number) => rates.map((rate) => rate * by);

  test('is a share of results, a share of metrics and a mean of multiples', () => {
    const a = sideOf(ratesOf(rates, { name: 'kernel' }), runOf([testOf('files'), testOf('x', { verdict: 'SKIP' })]));
    const b = sideOf(
      ratesOf(latencies(0.5), { name: 'fuse' }),
      runOf([testOf('files', { verdict: 'FAIL', findings: ['BUG'] })]),
    );
    const parity = parityOf(a, b, compareSides(a, [b]));
    expect(parity).toMatchObject({ a: 'kernel', b: 'fuse', sameResults: 0.5, asGood: 0, memory: null });
    expect(parity.performance).toBeCloseTo(0.5, 10);
    expect(parity.tests).toEqual([
      { test: 'speed', a: 'PASS', b: 'PASS', same: true },
      { test: 'files', a: 'PASS', b: 'FAIL', same: false },
    ]);
    expect(parity.differences).toEqual([
      'files: PASS, FAIL',
      'files/duration: kernel only',
      'speed/rate: worse, 0.50 times as good',
      'fuse only: BUG',
    ]);
  });

  test('with too few values no metric is as good or worse', () => {
    const [a, b] = [sideOf(ratesOf([100, 101])), sideOf(ratesOf([50, 51]))];
    const parity = parityOf(a, b, compareSides(a, [b]));
    expect(parity.metrics[0]?.verdict).toBe('unknown');
    expect(parity.asGood).toBeNull();
  });

  test('of nothing is nothing', () => {
    const none = side();
    expect(parityOf(none, none, compareSides(none, [none]))).toMatchObject({
      ...{ sameResults: null, asGood: null, performance: null, memory: null, differences: [] },
    });
  });
});
