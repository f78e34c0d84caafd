import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ComparisonRow } from '../model/comparison.ts';
import { breachesOf, metricFilter, parseGate } from './gate.ts';

const SIDE = { n: 10, median: 1, spread: 0.01 };
const ROW: ComparisonRow = {
  ...{ metric: 'speed/write/p50', unit: 'µs', better: 'less', before: SIDE, after: { ...SIDE, n: 8, median: 1.06 } },
  ...{ delta: 0.06, interval: [0.03, 0.09], worse: 0.06, worseAtLeast: 0.03, pRaw: 0.0001, p: 0.004, verdict: 'worse' },
};
const better = { ...ROW, delta: -0.06, worse: -0.06, worseAtLeast: -0.09 };

describe('a gate', () => {
  test.each([
    ['p<0.01,delta>5%', true],
    [' p < 0.01 , delta > 5 % ', true],
    ['p<0.004', false],
    ['p<=0.004', true],
    ['delta>6%', false],
    ['delta>=6%', true],
    ['low>2.5%', true],
    ['low>5%', false],
    ['n>=9', false],
    ['n<9', true],
    ['p<0.001;delta>5%', true],
    ['speed/*: delta>5%', true],
    ['speed/write/p50:delta>5%', true],
    ['mount-cycles/*: delta>5%', false],
    ['mount-cycles/*: delta>1%; */p50: delta>5%', true],
  ])('%j: %s', (text, breached) => {
    const gate = parseGate(text);
    if ('message' in gate) throw new Error(gate.message);
    expect(breachesOf(gate, [ROW]).length > 0).toBe(breached);
    expect(breachesOf(gate, [better])).toEqual([]);
  });

  test.each([
    ['', 0, 'a condition is missing'],
    ['p<0.01,', 7, 'a condition is missing'],
    ['p<0.01,,delta>5%', 7, 'a condition is missing'],
    ['p<0.01;', 7, 'a condition is missing'],
    ['q<0.01', 0, '"q" is none of p, delta, low, n'],
    ['p<0.01, detla>5%', 8, '"detla" is none of'],
    ['__proto__>5%', 0, '"__proto__" is none of'],
    ['p', 1, 'an operator is missing behind "p"'],
    ['p=0.01', 1, '"=" is none of'],
    ['p<<0.01', 1, '"<<" is none of'],
    ['p<', 2, 'a number is missing'],
    ['p< x', 3, 'a number is missing'],
    ['p<1e-3', 2, 'a number is missing'],
    ['p<5%', 2, 'p is no percentage'],
    ['p<2', 2, 'p is between 0 and 1'],
    ['delta>5', 6, 'delta is written in percent: 5%'],
    [':p<0.01', 0, 'a metric is missing'],
    ['x'.repeat(1001), 1000, 'longer than'],
  ])('%j is an error at %i: %s', (text, at, message) => {
    const gate = parseGate(text);
    expect(gate).toMatchObject({ at, message: expect.stringContaining(message) });
  });

  test('of any text is a gate or an error with a place in it', () => {
    const piece = fc.constantFrom('p', 'delta', 'n', '<', '>', '=', '5', '.', '%', ',', ';', ':', '*', ' ', 'ü');
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(piece).map((all) => all.join('')),
        ),
        (text) => {
          const gate = parseGate(text);
          if ('message' in gate) {
            expect(gate.at).toBeGreaterThanOrEqual(0);
            expect(gate.at).toBeLessThanOrEqual(text.length);
          } else expect(gate.rules.length).toBeGreaterThan(0);
        },
      ),
    );
  });
});

test.each([
  ['speed/*', 'speed/write/p50', true],
  ['*', '', true],
  ['*/p50', 'speed/write/p50', true],
  ['*/p50', 'speed/write/p501', false],
  ['speed*write*50', 'speed/write/p50', true],
  ['ab*ba', 'aba', false],
  ['speed', 'speed/rate', false],
  ['.*', 'speed', false],
])('%j covers %j: %s', (pattern, metric, covered) => {
  expect(metricFilter([pattern])(metric)).toBe(covered);
});
