import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { seeded, shuffled } from '../base/random.ts';
import { mannWhitney } from './mann-whitney.ts';

/** Two samples without ties of which U is what it is to be: b's values rise past those of a one by one. */
function withU(n: number, m: number, u: number): [number[], number[]] {
  const a = Array.from({ length: n }, (_, i) => i);
  let left = u;
  for (let i = n - 1; i >= 0 && left > 0; i--) {
    const past = Math.min(m, left);
    a[i] = 1000 + past * 10 + i / 100;
    left -= past;
  }
  return [a, Array.from({ length: m }, (_, j) => 1005 + j * 10)];
}

// Largest U that is significant, two-sided: the table in every book (Mann and Whitney 1947; Zar, Biostatistical Analysis, B.11).
describe('critical values', () => {
  test.each([
    [0.05, 4, 4, 0],
    [0.05, 5, 5, 2],
    [0.05, 6, 6, 5],
    [0.05, 7, 7, 8],
    [0.05, 8, 8, 13],
    [0.05, 9, 9, 17],
    [0.05, 10, 10, 23],
    [0.05, 12, 12, 37],
    [0.05, 15, 15, 64],
    [0.05, 20, 20, 127],
    [0.05, 5, 8, 6],
    [0.05, 3, 5, 0],
    [0.05, 10, 20, 55],
    [0.01, 5, 5, 0],
    [0.01, 8, 8, 7],
    [0.01, 10, 10, 16],
    [0.01, 15, 15, 51],
    [0.01, 20, 20, 105],
  ])('p %f of %i and %i values: U %i', (limit, n, m, critical) => {
    const at = mannWhitney(...withU(n, m, critical));
    expect(at.u).toBe(critical);
    expect(at.p).toBeLessThanOrEqual(limit);
    expect(mannWhitney(...withU(n, m, critical + 1)).p).toBeGreaterThan(limit);
  });
});

describe('p', () => {
  test('of all below all is one of all ways to choose, on both sides', () => {
    expect(mannWhitney([1, 2, 3], [4, 5, 6]).p).toBeCloseTo(2 / 20, 12);
    const low = Array.from({ length: 10 }, (_, i) => i);
    expect(
      mannWhitney(
        low,
        low.map((value) => value + 100),
      ).p,
    ).toBeCloseTo(2 / 184_756, 15);
  });

  test('is 1 of nothing, and of values that are all the same', () => {
    expect(mannWhitney([], [1, 2]).p).toBe(1);
    expect(mannWhitney([1, 1, 1], [1, 1]).p).toBe(1);
    expect(mannWhitney(Array(40).fill(7), Array(40).fill(7)).p).toBe(1);
  });

  test.each([
    { a: [1.2, 3.1, 2.2, 0.4], b: [4.5, 2.9, 6.1, 5.5, 3.3] },
    { a: [1, 2, 2, 3], b: [2, 3, 4, 4, 5] },
    { a: [5, 5, 5, 6], b: [5, 6, 6, 7] },
  ])('is what counting every way to deal them out gives: $a $b', ({ a, b }) => {
    expect(mannWhitney(a, b).p).toBeCloseTo(counted(a, b), 12);
  });

  test('of many values is near what dealing them out by chance gives, with ties as well', () => {
    const random = seeded(3);
    for (const steps of [1000, 8]) {
      const a = Array.from({ length: 40 }, () => Math.floor(random() * steps));
      const b = Array.from({ length: 35 }, () => Math.floor((random() + 0.17) * steps));
      const { p } = mannWhitney(a, b);
      const dealt = dealtOut(a, b, random, 20_000);
      expect(p).toBeGreaterThan(0.0005);
      // Three standard errors of what is dealt, and half a percent for the approximation.
      expect(Math.abs(p - dealt)).toBeLessThan(3 * Math.sqrt((dealt * (1 - dealt)) / 20_000) + 0.005);
    }
  });
});

const values = fc.array(fc.integer({ min: 0, max: 30 }), { minLength: 1, maxLength: 40 });

describe('of any two samples', () => {
  test('p is a probability, and the same with the sides changed', () => {
    fc.assert(
      fc.property(values, values, (a, b) => {
        const [one, other] = [mannWhitney(a, b), mannWhitney(b, a)];
        expect(one.p).toBeGreaterThan(0);
        expect(one.p).toBeLessThanOrEqual(1);
        expect(one.p).toBeCloseTo(other.p, 10);
        expect(one.u + other.u).toBe(a.length * b.length);
      }),
    );
  });

  test('only the order counts', () => {
    fc.assert(
      fc.property(values, values, (a, b) => {
        const bent = (all: readonly number[]) => all.map((value) => Math.exp(value / 3) - 5);
        expect(mannWhitney(bent(a), bent(b))).toEqual(mannWhitney(a, b));
      }),
    );
  });
});

function uOf(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, x) => sum + b.reduce((wins, y) => wins + (x > y ? 1 : x === y ? 0.5 : 0), 0), 0);
}

/** By every way to choose which values are those of a: twice the smaller tail. */
function counted(a: readonly number[], b: readonly number[]): number {
  const all = [...a, ...b];
  const own = uOf(a, b);
  let [low, high, total] = [0, 0, 0];
  for (let mask = 0; mask < 1 << all.length; mask++) {
    const chosen = all.filter((_, i) => (mask >> i) & 1);
    if (chosen.length !== a.length) continue;
    const u = uOf(
      chosen,
      all.filter((_, i) => !((mask >> i) & 1)),
    );
    total += 1;
    if (u <= own) low += 1;
    if (u >= own) high += 1;
  }
  return Math.min(1, (2 * Math.min(low, high)) / total);
}

function dealtOut(a: readonly number[], b: readonly number[], random: () => number, times: number): number {
  const half = (a.length * b.length) / 2;
  const own = Math.abs(uOf(a, b) - half);
  let asFar = 0;
  for (let time = 0; time < times; time++) {
    const all = shuffled([...a, ...b], random);
    if (Math.abs(uOf(all.slice(0, a.length), all.slice(a.length)) - half) >= own) asFar += 1;
  }
  return asFar / times;
}
