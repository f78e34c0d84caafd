import { decodeTime, isValid } from 'ulid';
import { expect, test } from 'vitest';
import { createIdSource } from './id.ts';

const WALL = 1_795_249_158_542;

test('the same run gives the same identifiers in the same order, another run others', () => {
  const take = (run: string) => {
    const next = createIdSource(run, WALL);
    return Array.from({ length: 1000 }, (_, i) => next(i * 1e6));
  };
  expect(take('a')).toEqual(take('a'));
  expect(new Set([...take('a'), ...take('b')]).size).toBe(2000);
});

test('they are ULIDs of the time of the run', () => {
  const next = createIdSource('run', WALL);
  for (const observed of [0, 999_999, 1_000_000, 123_456_789_012]) {
    const id = next(observed);
    expect(isValid(id)).toBe(true);
    expect(decodeTime(id)).toBe(WALL + Math.floor(observed / 1e6));
  }
});

test('a log without times has identifiers, too', () => {
  expect(isValid(createIdSource('run', 0)(0))).toBe(true);
});
