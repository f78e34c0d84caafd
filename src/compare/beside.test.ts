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

  test('operations: called in both, in tests that came to the same, with the same answers', () => {
    const figures = (digest: string, ops: number, latencyUs: object) => ({ digest, seed: 5, ops, latencyUs });
    const calls = (count: number, p50: number) => ({ count, p50 });
    const a = side(
      testOf('files', { figures: figures('aa', 10, { read: calls(30, 2), write: calls(40, 4) }) }),
      testOf('names', { figures: figures('bb', 10, { open: calls(50, 8), lock: calls(2, 1) }) }),
      testOf('vectors', { figures: figures('cc', 10, { read: calls(20, 2) }) }),
      testOf('mapped', { figures: figures('dd', 10, { mmap: calls(20, 2) }), verdict: 'FAIL' }),
    );
    const b = side(
      testOf('files', { figures: figures('aa', 10, { read: calls(30, 4), write: calls(40, 2) }) }),
      testOf('names', { figures: figures('b0', 10, { open: calls(50, 8) }) }),
      testOf('vectors', { figures: figures('other', 11, { read: calls(20, 4) }) }),
      testOf('mapped', { figures: figures('dd', 10, { mmap: calls(20, 2) }) }),
    );
    const parity = parityOf(a, b, compareSides(a, [b]));
    expect(parity.answers).toEqual({ compared: 3, different: ['names'] });
    expect(parity.operations).toEqual([
      { operation: 'read', a: 50, b: 50, same: true, differs: [], ratio: expect.closeTo(0.5, 10) },
      { operation: 'write', a: 40, b: 40, same: true, differs: [], ratio: expect.closeTo(2, 10) },
      { operation: 'open', a: 50, b: 50, same: false, differs: ['names'], ratio: expect.closeTo(1, 10) },
      { operation: 'lock', a: 2, b: 0, same: false, differs: ['names'], ratio: null },
      { operation: 'mmap', a: 20, b: 20, same: false, differs: ['mapped'], ratio: null },
    ]);
    expect([parity.sameOperations, parity.stack]).toEqual([0.4, null]);
    expect(parity.differences).toEqual(
      expect.arrayContaining(['names: not every call had the same answer', `lock: only ${a.name} was asked for it`]),
    );
  });

  test('the stack, where a test says how deep it went', () => {
    const of = (bytes: number) =>
      side(testOf('files', { figures: { 'stack-bytes': bytes, 'kernel-memory-bytes': 100 } }));
    expect(parityOf(of(800), of(400), compareSides(of(800), [of(400)]))).toMatchObject({ stack: 2, memory: 1 });
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
