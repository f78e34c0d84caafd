import fc from 'fast-check';
import { expect, test } from 'vitest';
import { seeded, seedFor, shuffled } from './random.ts';

test('the same seed gives the same numbers, another gives others', () => {
  const draw = (seed: number) => Array.from({ length: 8 }, seeded(seed));
  expect(draw(7)).toEqual(draw(7));
  expect(draw(7)).not.toEqual(draw(8));
  for (const number of draw(7)) expect(number).toSatisfy((value: number) => value >= 0 && value < 1);
});

test('names have seeds of their own', () => {
  const seeds = ['files', 'files.2', 'names', ''].map((name) => seedFor(1, name));
  expect(new Set(seeds).size).toBe(seeds.length);
  expect(seedFor(1, 'files')).not.toBe(seedFor(2, 'files'));
});

test('a shuffle loses nothing', () => {
  fc.assert(
    fc.property(fc.array(fc.integer()), fc.integer(), (values, seed) => {
      expect(shuffled(values, seeded(seed)).toSorted()).toEqual(values.toSorted());
    }),
  );
});
