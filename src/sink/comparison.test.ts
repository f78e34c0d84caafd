import { marked } from 'marked';
import { describe, expect, test } from 'vitest';
import type { Comparison, ComparisonRow, Parity } from '../model/comparison.ts';
import { comparisonMarkdown, parityMarkdown } from './comparison-markdown.ts';
import { amount, signedPercent } from './comparison-numbers.ts';
import { comparisonText, parityText } from './comparison-text.ts';
import { EVIL } from './testing-evil.ts';

const ROW: ComparisonRow = {
  ...{ metric: 'speed/write/p50', unit: 'µs', better: 'less', delta: 0.0612, interval: [0.03, 0.09], worse: 0.0612 },
  ...{ worseAtLeast: 0.03, pRaw: 0.00001, p: 0.0004, verdict: 'worse' },
  before: { n: 10, median: 2.29, spread: 0.012 },
  after: { n: 9, median: 2.43, spread: 0.02 },
};
const RATE: ComparisonRow = {
  ...{ ...ROW, metric: 'speed/rate', unit: '/s', better: 'more', delta: -0.01, interval: [-0.05, 0.02], p: 0.6 },
  verdict: 'same',
  before: { n: 3, median: 63_168, spread: null },
  after: { n: 3, median: 62_500, spread: null },
};

function comparisonOf(word: string, rows: readonly ComparisonRow[]): Comparison {
  const change = { what: word, before: word, after: word };
  return {
    baseline: word,
    pairs: [
      {
        ...{ against: word, rows, onlyBefore: [word], onlyAfter: [word], unlike: [change], changes: [change] },
        ...{ verdicts: [change], notes: [word], breaches: [{ metric: word, rule: word }] },
        crashes: [{ title: word, status: 'new', flaky: true, before: [0, 3], after: [1, 3] }],
        anomalies: [{ test: word, beforeMs: 1000, afterMs: 2500 }],
      },
    ],
  };
}

function parityOf(word: string): Parity {
  return {
    operations: [
      { operation: word, a: 100, b: 90, same: true, differs: [], ratio: 1.5 },
      { operation: 'fsync', a: 3, b: 3, same: false, differs: [word], ratio: null },
      { operation: 'lock', a: 0, b: 9, same: false, differs: [], ratio: null },
    ],
    answers: { compared: 4, different: [word] },
    ...{ stack: null, sameOperations: 1 / 3 },
    ...{ a: word, b: word, tests: [{ test: word, a: word, b: word, same: false }], sameResults: 0.5, asGood: null },
    metrics: [{ metric: word, unit: 'B', a: 4096, b: 8192, ratio: 0.5, verdict: 'worse' }],
    ...{ performance: 0.93, memory: null, differences: [word] },
  };
}

const COMPARISON = comparisonOf('word', [ROW, RATE]);

describe('a comparison', () => {
  test('as text', () => {
    expect(comparisonText(COMPARISON, false)).toMatchSnapshot();
  });

  test('as Markdown', () => {
    expect(comparisonMarkdown(COMPARISON)).toMatchSnapshot();
  });

  test('of nothing is whole', () => {
    for (const text of [comparisonText(comparisonOf('x', []), false), comparisonMarkdown(comparisonOf('x', []))])
      expect(text).not.toMatch(/NaN|undefined|Infinity/);
  });

  test('marks what is worse', () => {
    const red = comparisonText(COMPARISON, true)
      .split('\n')
      .filter((line) => line.includes('\u001b[31m'));
    expect(red).toHaveLength(1);
    expect(red[0]).toContain('speed/write/p50');
  });
});

describe('parity', () => {
  test('as text and as Markdown', () => {
    expect(parityText(parityOf('word'))).toMatchSnapshot();
    expect(parityMarkdown(parityOf('word'))).toMatchSnapshot();
  });
});

test.each([
  [0.21, 'µs', '0.210µs'],
  [4.604, 'µs', '4.604µs'],
  [15.4, 'ms', '15.40ms'],
  [1507.3, 'µs', '1.507ms'],
  [2_621_400, 'µs', '2.621s'],
  [66_746, '/s', '66.75k/s'],
  [4192.2, '/s', '4192/s'],
  [4096, 'B', '4.1 kB'],
  [Number.NaN, 'µs', '?µs'],
])('%f %s is written %s', (value, unit, text) => {
  expect(amount(value, unit)).toBe(text);
});

test.each([
  [0.0512, '+5.1%'],
  [-0.0512, '−5.1%'],
  [Number.POSITIVE_INFINITY, '+∞'],
  [Number.NaN, '?'],
])('a change of %f is written %s', (value, text) => {
  expect(signedPercent(value)).toBe(text);
});

describe.each(Object.entries(EVIL))('%s', (_, evil) => {
  const row = { ...ROW, metric: evil };

  test('cannot move a cursor or add a line', () => {
    const written = (word: string, rows: readonly ComparisonRow[]) => [
      comparisonText(comparisonOf(word, rows), false),
      comparisonMarkdown(comparisonOf(word, rows)),
      parityText(parityOf(word)),
      parityMarkdown(parityOf(word)),
    ];
    const plain = written('x', [{ ...ROW, metric: 'x' }]);
    for (const [i, text] of written(evil, [row]).entries()) {
      expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\u202e]/u);
      expect(text.split('\n').length).toBe(plain[i]?.split('\n').length);
    }
  });

  test('is no markup of Markdown', () => {
    // Of metrics a head and a row; of operations a head and three.
    const pages = [
      [comparisonMarkdown(comparisonOf(evil, [row])), 2] as const,
      [parityMarkdown(parityOf(evil)), 6] as const,
    ];
    for (const [page, rows] of pages) {
      const html = marked.parse(page, { async: false });
      expect(html).not.toMatch(/<(script|img|a|h2|h3)\b/);
      expect(html.match(/<tr>/g)).toHaveLength(rows);
    }
  });
});
