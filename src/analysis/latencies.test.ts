import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Histogram } from './histogram.ts';
import { Latencies } from './latencies.ts';

describe('a histogram', () => {
  test.each([50, 90, 99, 100])('tells at most an eighth too much at %i of a hundred', (percent) => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0, max: 1e13, noNaN: true }), { minLength: 1, maxLength: 200 }),
        (values) => {
          const histogram = new Histogram();
          for (const value of values) histogram.add(value);
          const sorted = [...values].sort((a, b) => a - b);
          const exact = sorted[Math.max(0, Math.ceil((values.length * percent) / 100) - 1)] ?? 0;
          const told = histogram.percentile(percent);
          expect(told).toBeGreaterThanOrEqual(Math.floor(exact));
          expect(told).toBeLessThanOrEqual(exact * 1.125 + 1);
          expect(histogram.worst).toBe(sorted.at(-1));
        },
      ),
    );
  });
  test.each([Number.NaN, -1, Number.NEGATIVE_INFINITY])('passes over %d', (value) => {
    const histogram = new Histogram();
    histogram.add(value);
    expect([histogram.count, histogram.percentile(99)]).toEqual([0, 0]);
  });
});

test('what took longest in all comes first, in microseconds', () => {
  const latencies = new Latencies();
  for (let i = 0; i < 99; i++) latencies.add('operations', 'read', 1000);
  latencies.add('operations', 'read', 5_000_000);
  latencies.add('operations', 'write', 2e9);
  latencies.add('waits', 'inode.rwsem', 10);
  const { operations, waits, holds } = latencies.summary();
  expect(Object.keys(operations)).toEqual(['write', 'read']);
  expect(operations.read).toMatchObject({ count: 100, totalMs: 5.1, worst: 5000 });
  expect(operations.read?.median).toBeCloseTo(1, 0);
  expect(operations.write).toEqual({ count: 1, totalMs: 2000, median: 2e6, p99: 2e6, worst: 2e6 });
  expect([Object.keys(waits), Object.keys(holds)]).toEqual([['inode.rwsem'], []]);
});

test('names are bounded', () => {
  const latencies = new Latencies();
  for (let i = 0; i < 1000; i++) latencies.add('operations', `op${i}`, 1);
  expect(Object.keys(latencies.summary().operations)).toHaveLength(256);
});
