import { describe, expect, test } from 'vitest';
import type { Comparison } from '../model/comparison.ts';
import { compareSides } from './compare.ts';
import { type Gate, parseGate } from './gate.ts';
import { NoisyMachine, ratesOf, runOf, sideOf, testOf } from './testing.ts';

const BEFORE = [100, 101, 99, 102, 98, 100.5, 99.5, 101.5, 98.5, 100.2];
const scaled = (by: number) => BEFORE.map((rate) => rate * by);

describe('a row', () => {
  const compare = (after: readonly number[]) =>
    compareSides(sideOf(ratesOf(BEFORE)), [sideOf(ratesOf(after))]).pairs[0]?.rows[0];

  test('says how much, how sure and in which direction', () => {
    const row = compare(scaled(0.9));
    expect(row).toMatchObject({ metric: 'speed/rate', better: 'more', verdict: 'worse', before: { n: 10 } });
    expect(row?.delta).toBeCloseTo(-0.1, 10);
    expect(row?.worse).toBeCloseTo(0.1, 10);
    expect(row?.p).toBeLessThan(1e-4);
    expect(row?.interval[0]).toBeLessThan(-0.1);
    expect(row?.interval[1]).toBeGreaterThan(-0.1);
    expect(row?.worseAtLeast).toBeCloseTo(-(row?.interval[1] ?? 0), 10);
  });

  test('of more is better, of the same is neither', () => {
    expect(compare(scaled(1.1))?.verdict).toBe('better');
    expect(compare([...BEFORE].reverse())?.verdict).toBe('same');
  });

  test('from nothing to something has no ratio', () => {
    expect(compareSides(sideOf(ratesOf([0, 0, 0])), [sideOf(ratesOf([1, 1, 1]))]).pairs[0]?.rows[0]?.delta).toBe(
      Number.POSITIVE_INFINITY,
    );
    expect(compareSides(sideOf(ratesOf([0, 0])), [sideOf(ratesOf([0, 0]))]).pairs[0]?.rows[0]).toMatchObject({
      ...{ delta: 0, interval: [0, 0], verdict: 'same' },
    });
  });
});

test('p is corrected over all rows of all pairs', () => {
  const latencies = (by: number) =>
    sideOf(
      runOf(
        BEFORE.map((value, i) =>
          testOf(`speed.${i + 1}`, {
            figures: { rate: value, latencyUs: { read: { count: 1e4, p50: value * by, p99: value } } },
          }),
        ),
      ),
    );
  const { pairs } = compareSides(latencies(1), [latencies(1.1), latencies(1)]);
  const rows = pairs.flatMap((pair) => pair.rows);
  expect(rows.map(({ metric }) => metric)).toEqual([
    ...['speed/rate', 'speed/read/p50', 'speed/read/p99'],
    ...['speed/rate', 'speed/read/p50', 'speed/read/p99'],
  ]);
  const [row] = rows.filter(({ verdict }) => verdict !== 'same');
  expect(row?.p).toBeCloseTo((row?.pRaw ?? 0) * 6, 12);
});

test('only what is wanted is compared, and counted for the correction', () => {
  const side = sideOf(ratesOf(BEFORE));
  const { pairs } = compareSides(side, [side], { wanted: (metric) => metric === 'none' });
  expect(pairs[0]).toMatchObject({ rows: [], notes: ['nothing was measured that both have'] });
});

describe('what is said beside the table', () => {
  const notesOf = (before: readonly number[], after: readonly number[]) =>
    compareSides(sideOf(ratesOf(before)), [sideOf(ratesOf(after))]).pairs[0]?.notes.join('\n') ?? '';

  test('too few values to say anything', () => {
    expect(notesOf([1, 2], [3, 4])).toContain(
      'with 2 values a side and 1 row no p can be below 0.01: repeat at least 5',
    );
    expect(notesOf(BEFORE, BEFORE)).not.toContain('no p can be');
  });

  test('few boots', () => {
    expect(notesOf(BEFORE, BEFORE)).toContain('few boots');
    const many = sideOf(...BEFORE.map((rate) => ratesOf([rate])));
    expect(compareSides(many, [many]).pairs[0]?.notes).toEqual([]);
  });

  test('values that drift', () => {
    const rising = Array.from({ length: 30 }, (_, i) => 100 + i);
    expect(notesOf(rising, rising)).toContain('values drift while they are measured (speed/rate)');
  });
});

test('of many runs a side, a run is a value', () => {
  const side = sideOf(...[1, 2, 3, 4].map((boot) => ratesOf([boot * 10, boot * 10 + 1, boot * 10 + 5])));
  const row = compareSides(side, [side]).pairs[0]?.rows[0];
  expect(row?.before).toMatchObject({ n: 4, median: 26 });
});

/** By turns, or one side behind the other; a hundred times over. */
describe('on a machine as machines are', () => {
  const gate = parseGate('p<0.01,delta>2%') as Gate;
  const OPERATIONS = ['open', 'create', 'read', 'write', 'stat', 'unlink', 'rename', 'mkdir'];
  const TIMES = 100;

  function broken(turns: boolean, slower: number, drift: number, seed: number, repeat = 20): boolean {
    const machine = new NoisyMachine(seed, drift);
    // One machine for all operations of a value: they are no independent rows.
    const value = (by: number) => {
      const common = machine.measure(1);
      const own = new NoisyMachine(seed * 1000 + Math.round(common * 1e6));
      return Object.fromEntries(
        OPERATIONS.map((name, i) => [name, { count: 1e5, p50: (i + 1) * by * common * own.measure(1) }]),
      );
    };
    const sides: [Record<string, unknown>[], Record<string, unknown>[]] = [[], []];
    if (turns)
      for (let i = 0; i < repeat; i++)
        for (const side of i % 2 === 0 ? [0, 1] : [1, 0]) sides[side]?.push(value(side === 0 ? 1 : slower));
    else for (const side of [0, 1]) for (let i = 0; i < repeat; i++) sides[side]?.push(value(side === 0 ? 1 : slower));
    const [a, b] = sides.map((all) =>
      sideOf(runOf(all.map((latencyUs, i) => testOf(`s.${i + 1}`, { figures: { latencyUs } })))),
    );
    if (a === undefined || b === undefined) throw new Error('two sides');
    return breaches(compareSides(a, [b], { gate, rounds: 100 })) > 0;
  }
  const breaches = ({ pairs }: Comparison) => pairs.flatMap((pair) => pair.breaches).length;
  const rate = (of: (seed: number) => boolean) =>
    Array.from({ length: TIMES }, (_, i) => of(i + 1)).filter(Boolean).length / TIMES;

  test('what got 5 % slower is found by turns, nine times in ten', () => {
    expect(rate((seed) => broken(true, 1.05, 0, seed))).toBeGreaterThanOrEqual(0.9);
  });

  test('and where the machine drifts by a percent and a half over it all', () => {
    expect(rate((seed) => broken(true, 1.05, 0.0004, seed))).toBeGreaterThanOrEqual(0.9);
  });

  test('the same is the same by turns, also where the machine drifts: an alarm in one of twenty at most', () => {
    for (const drift of [0, 0.0004, 0.002])
      expect(rate((seed) => broken(true, 1, drift, seed))).toBeLessThanOrEqual(0.05);
  });

  test('one behind the other, drift passes for a change: why runs are made by turns', () => {
    expect(rate((seed) => broken(false, 1, 0.002, seed))).toBeGreaterThan(0.5);
  });
});
