import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { packageRoot } from '../guest/paths.ts';
import { loadPatterns } from '../patterns/load.ts';
import { createMatcher } from '../patterns/match.ts';
import { checkSamples, type ReadFinding } from '../patterns/samples.ts';
import { LogStream } from './console-stream.ts';
import { reportFinding } from './finding.ts';

/** A sample goes the way that a log goes: grammar, identity, then the whole library. */
function readFindings(text: string): ReadFinding[] {
  const found: ReadFinding[] = [];
  const log = new LogStream({
    stream: 'file',
    live: false,
    onLine: () => {},
    onUpdate: ({ report, final }) => {
      if (!final) return;
      const finding = { ...reportFinding(report, true), id: 'x', related: [], matches: [] };
      found.push({
        finding: finding as unknown as ReadFinding['finding'],
        text: report.lines.map((line) => line.text).join('\n'),
      });
    },
  });
  log.push(Buffer.from(text), 0);
  log.end();
  return found;
}

const { patterns, problems } = loadPatterns([join(packageRoot(), 'patterns')], {
  fixtures: join(packageRoot(), 'fixtures'),
});
const library = createMatcher(patterns);

test('the library loads without a problem', () => {
  expect(problems).toEqual([]);
  expect(patterns.length).toBeGreaterThan(30);
});

describe.each(patterns)('$id', (pattern) => {
  test('matches its samples and none of its counter-samples', () => {
    const wrong = checkSamples(pattern, readFindings, library).filter(({ ok }) => !ok);
    expect(wrong).toEqual([]);
  });
});
