import { expect, test } from 'vitest';
import { Buckets } from './buckets.ts';

test('means and rates are those of the stretches in which values fell', () => {
  const buckets = new Buckets();
  for (const [at, value] of [
    [0, 2],
    [0.5, 4],
    [2.5, 10],
  ] as const)
    buckets.add(at, value);
  expect(buckets.means()).toEqual([
    [0.5, 3],
    [2.5, 10],
  ]);
  expect(buckets.rates()).toEqual([
    [0.5, 6],
    [1.5, 0],
    [2.5, 10],
  ]);
});

test.each([1e4, 1e9, 1e300])('a time of %d seconds takes no more memory, and nothing is lost', (late) => {
  const buckets = new Buckets();
  for (let at = 0; at < 1000; at++) buckets.add(at, 1);
  buckets.add(late, 1);
  const rates = buckets.rates();
  expect(rates.length).toBeLessThanOrEqual(512);
  const width = (rates[0]?.[0] ?? 0) * 2;
  expect(rates.reduce((sum, [, rate]) => sum + rate * width, 0)).toBeCloseTo(1001);
});

test('what is no number is passed over', () => {
  const buckets = new Buckets();
  buckets.add(Number.NaN, 1);
  buckets.add(Number.POSITIVE_INFINITY, 1);
  buckets.add(1, Number.NaN);
  expect(buckets.means()).toEqual([]);
});
