import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { MeasuredRun } from '../model/measured-run.ts';
import { compareSides } from './compare.ts';
import { metricsOf } from './metrics.ts';
import { parityOf } from './parity.ts';
import { readRun } from './read-run.ts';
import { sideOf } from './testing.ts';

function readOf(value: unknown): MeasuredRun {
  const run = readRun(value, 'run');
  if ('problem' in run) throw new Error(run.problem);
  return run;
}

const SPEED = {
  ...{ id: 'speed', verdict: 'PASS', durationMs: 5000 },
  figures: {
    ...{ check: 'speed', rate: 4192.2, seconds: 5, ops: 4278 },
    latencyUs: {
      write: { count: 5828, mean: 4.2, p50: 4, p95: 8.7, p99: 15.4, max: 216.2 },
      rmdir: { count: 19, mean: 5, p50: 3 },
      readdir: { count: 21, mean: 5, p50: 3.3, p95: 54.1, p99: 54.1, max: 54.1 },
    },
  },
};

test('what a fault was to bring about is no finding of its test', () => {
  const fault = {
    id: 'fault-bug',
    fault: 'bug',
    verdict: 'FAIL',
    findings: ['BUG in x', 'KASAN in y'],
    unexpected: ['KASAN in y'],
  };
  expect(readOf({ tests: [fault] }).tests[0]?.findings).toEqual(['KASAN in y']);
});

describe('the metrics of a run', () => {
  test('are those of its tests, each time a value', () => {
    const tests = [
      SPEED,
      { ...SPEED, id: 'speed.2', figures: { ...SPEED.figures, rate: 4000 } },
      { id: 'mount-cycles', verdict: 'PASS', durationMs: 100, figures: { 'cycles-per-minute': 120, 'mount-ms': 15.8 } },
      { id: 'leaks', verdict: 'PASS', durationMs: 7, figures: { 'kernel-memory-grown': 4096 } },
      {
        ...{ id: 'fault-bug', verdict: 'PASS', durationMs: 900 },
        incidents: [{ classification: 'module-crash', beyondBootMs: 340 }],
      },
    ];
    const metrics = [...metricsOf(sideOf(readOf({ tests }))).values()];
    expect(metrics.map(({ name, unit, better, samples }) => [name, unit, better, ...samples])).toEqual([
      ['speed/rate', '/s', 'more', 4192.2, 4000],
      ['speed/write/mean', 'µs', 'less', 4.2, 4.2],
      ['speed/write/p50', 'µs', 'less', 4, 4],
      ['speed/write/p95', 'µs', 'less', 8.7, 8.7],
      ['speed/write/p99', 'µs', 'less', 15.4, 15.4],
      ['speed/readdir/mean', 'µs', 'less', 5, 5],
      ['speed/readdir/p50', 'µs', 'less', 3.3, 3.3],
      ['mount-cycles/duration', 'ms', 'less', 100],
      ['mount-cycles/cycles', '/min', 'more', 120],
      ['mount-cycles/mount', 'ms', 'less', 15.8],
      ['leaks/duration', 'ms', 'less', 7],
      ['leaks/kernel-memory', 'B', 'less', 4096],
      ['recovery/module-crash', 'ms', 'less', 340],
      ['fault-bug/duration', 'ms', 'less', 900],
    ]);
  });

  test.each(['FAIL', 'ERROR', 'SKIP', 'MISS', ''])('a test that ended with %j has measured nothing', (verdict) => {
    expect(metricsOf(sideOf(readOf({ tests: [{ ...SPEED, verdict }] }))).size).toBe(0);
  });
});

describe('what is no run', () => {
  test.each([[null], [1], ['x'], [[]], [{}], [{ tests: {} }], [{ tests: new Array(100_001) }]])('%j', (value) => {
    expect(readRun(value, 'x')).toHaveProperty('problem');
  });
});

describe('hostile values', () => {
  const names = [
    '__proto__',
    'constructor',
    'toString',
    'hasOwnProperty',
    '',
    '.',
    'a.1',
    '\u001b[2J',
    'x'.repeat(5000),
  ];

  test.each(names)('a name like %j is a name like any other', (name) => {
    const figures = JSON.parse(
      `{"rate":1,${JSON.stringify(name)}:2,"latencyUs":{${JSON.stringify(name)}:{"count":90,"p50":3}}}`,
    );
    const tests = [{ id: `speed${name}`, verdict: 'PASS', figures }];
    const facts = JSON.parse(`{${JSON.stringify(name)}:"fact"}`);
    const side = sideOf(readOf({ tests, facts }));
    const { pairs } = compareSides(side, [side]);
    expect(pairs[0]?.rows).toHaveLength(2);
    expect(pairs[0]?.rows.every(({ verdict, delta }) => verdict === 'same' && delta === 0)).toBe(true);
    expect({}).not.toHaveProperty('p50');
  });

  test.each([Number.NaN, Number.POSITIVE_INFINITY, -1, '5', null, {}, [], true])('%j is no value', (value) => {
    const tests = [
      { ...SPEED, figures: { rate: value, latencyUs: { write: { count: 50, p50: value }, read: value } } },
      { ...SPEED, figures: { rate: 1, latencyUs: value } },
    ];
    expect([...metricsOf(sideOf(readOf({ tests }))).values()].map(({ samples }) => samples)).toEqual([[1]]);
  });

  test('more metrics than anybody has are cut off, and compared in seconds', () => {
    const operations = Object.fromEntries(
      Array.from({ length: 100_000 }, (_, i) => [`op${i}`, { count: 1000, p50: i }]),
    );
    const tests = Array.from({ length: 5 }, (_, i) => ({
      ...SPEED,
      id: `speed.${i}`,
      figures: { latencyUs: operations },
    }));
    const side = sideOf(readOf({ tests }));
    const start = performance.now();
    expect(compareSides(side, [side]).pairs[0]?.rows.length).toBe(2000);
    expect(performance.now() - start).toBeLessThan(30_000);
  });

  test('more repetitions than anybody makes are cut off', () => {
    const tests = Array.from({ length: 50_000 }, (_, i) => ({
      ...SPEED,
      id: `speed.${i}`,
      figures: { rate: i % 977 },
    }));
    const side = sideOf(readOf({ tests }));
    expect(compareSides(side, [side]).pairs[0]?.rows[0]).toMatchObject({ before: { n: 10_000 }, verdict: 'same' });
  });

  test('any JSON is a run or none, and compares with any other', () => {
    const summary = fc.record(
      {
        tests: fc.oneof(
          fc.jsonValue(),
          fc.array(
            fc.record(
              {
                id: fc.constantFrom('speed', 'speed.2', 'speed.x', '__proto__', '.', '1.1'),
                verdict: fc.constantFrom('PASS', 'FAIL', 'SKIP', 'odd'),
                durationMs: fc.oneof(fc.double(), fc.jsonValue()),
                figures: fc.oneof(
                  fc.jsonValue(),
                  fc.record({ rate: fc.double(), latencyUs: fc.dictionary(fc.string(), fc.jsonValue()) }),
                ),
                findings: fc.jsonValue(),
                incidents: fc.oneof(fc.jsonValue(), fc.array(fc.jsonValue())),
              },
              { requiredKeys: ['id'] },
            ),
            { maxLength: 12 },
          ),
        ),
        facts: fc.jsonValue(),
        command: fc.jsonValue(),
        guests: fc.jsonValue(),
        started: fc.jsonValue(),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(summary, summary, (one, other) => {
        const runs = [one, other].map((value) => readRun(value, 'run'));
        const [a, b] = runs.map((run) => ('problem' in run ? undefined : sideOf(run)));
        if (a === undefined || b === undefined) return;
        const comparison = compareSides(a, [b], { rounds: 100 });
        for (const { rows } of comparison.pairs)
          for (const row of rows) {
            expect(row.p).toBeGreaterThan(0);
            expect(row.p).toBeLessThanOrEqual(1);
            expect(row.delta).not.toBeNaN();
          }
        parityOf(a, b, comparison);
      }),
      { numRuns: 300 },
    );
  });
});
