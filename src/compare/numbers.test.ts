import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { seeded } from '../base/random.ts';
import { ratioInterval } from './bootstrap.ts';
import { holm } from './holm.ts';
import { upperTail } from './normal.ts';
import { ascending, medianOf, spreadOf } from './order.ts';
import { driftOf } from './trend.ts';

// Abramowitz and Stegun, table 26.1 and 26.2.
test.each([
  [0, 0.5],
  [1, 0.158655253931],
  [1.959963984540054, 0.025],
  [2.5758293035489, 0.005],
  [2.999, 0.001354336],
  [3.001, 0.001345472825],
  [5, 2.866515719e-7],
  [10, 7.61985302416e-24],
  [40, 0],
])('above %f is %f of the normal distribution', (z, tail) => {
  expect(Math.abs(upperTail(z) - tail)).toBeLessThanOrEqual(tail * 1e-6);
});

describe('Holm', () => {
  test('by hand', () => {
    expect(holm([0.01, 0.04, 0.03, 0.005])).toEqual([0.03, 0.06, 0.06, 0.02]);
    expect(holm([])).toEqual([]);
  });

  test('keeps the order, never lowers a p, never beyond Bonferroni', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 50 }), (ps) => {
        const adjusted = holm(ps);
        for (const [i, p] of ps.entries()) {
          expect(adjusted[i]).toBeGreaterThanOrEqual(p);
          expect(adjusted[i]).toBeLessThanOrEqual(Math.min(1, p * ps.length) + 1e-12);
          for (const [j, q] of ps.entries()) if (p < q) expect(adjusted[i]).toBeLessThanOrEqual(adjusted[j] as number);
        }
      }),
    );
  });

  test('alarms in one of twenty families at most, where nothing is to be found', () => {
    const random = seeded(1);
    let alarms = 0;
    for (let family = 0; family < 4000; family++)
      if (Math.min(...holm(Array.from({ length: 20 }, random))) < 0.05) alarms += 1;
    expect(alarms / 4000).toBeLessThan(0.06);
    expect(alarms / 4000).toBeGreaterThan(0.04);
  });
});

describe('the median', () => {
  test.each([
    [[], Number.NaN],
    [[3], 3],
    [[1, 3], 2],
    [[9, 1, 3], 3],
  ])('of %j is %f', (values, median) => {
    expect(medianOf(ascending(values))).toBe(median);
  });

  // Ranks of the 95 % interval: Conover, Practical Nonparametric Statistics, table A3.
  test.each([
    [5, null],
    [6, 1],
    [8, 1],
    [9, 2],
    [10, 2],
    [15, 4],
    [20, 6],
    [25, 8],
    [50, 18],
    [100, 40],
    [1500, 712],
  ])('of %i values lies between those of rank %s from both ends', (n, rank) => {
    const values = Array.from({ length: n }, (_, i) => i + 1);
    const median = medianOf(values);
    expect(spreadOf(values)).toEqual(rank === null ? null : expect.closeTo((median - rank) / median, 10));
  });
});

describe('the interval of a ratio', () => {
  const random = seeded(5);
  const draw = (n: number, scale: number) => Array.from({ length: n }, () => scale * (1 + random() ** 4));

  test('is the same for the same seed', () => {
    const [a, b] = [draw(15, 1), draw(15, 1.1)];
    expect(ratioInterval(a, b, 1, 500)).toEqual(ratioInterval(a, b, 1, 500));
    expect(ratioInterval(a, b, 1, 500)).not.toEqual(ratioInterval(a, b, 2, 500));
  });

  test('holds the ratio that is true about as often as it says', () => {
    let held = 0;
    for (let time = 0; time < 400; time++) {
      const [low, high] = ratioInterval(draw(20, 1), draw(20, 1.1), time, 300);
      if (low <= 1.1 && high >= 1.1) held += 1;
    }
    expect(held / 400).toBeGreaterThan(0.9);
    expect(held / 400).toBeLessThanOrEqual(1);
  });
});

test('a trend is seen, and none where there is none', () => {
  const random = seeded(9);
  const noise = Array.from({ length: 40 }, random);
  expect(driftOf(noise).p).toBeGreaterThan(0.05);
  expect(driftOf(noise.map((value, i) => value + i / 10)).p).toBeLessThan(1e-6);
  expect(driftOf([1, 1, 1, 1, 1, 1, 1, 1, 1])).toEqual({ tau: 0, p: 1 });
  expect(driftOf([1, 2, 3]).p).toBe(1);
});
