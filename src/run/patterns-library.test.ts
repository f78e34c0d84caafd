import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { packageRoot } from '../guest/paths.ts';
import { CLASSIFICATIONS } from '../model/classification.ts';
import { KIND_NAMES, KINDS } from '../model/kinds.ts';
import { createMatcher } from '../patterns/match.ts';
import type { Pattern } from '../patterns/pattern.ts';
import { patternWith } from '../patterns/testing.ts';
import { checkSamples, winnersIn } from './check-samples.ts';
import { readFailures } from './failure-table.ts';
import { KNOWN_CRASHES } from './known-crashes.ts';
import { fixtureLogs } from './labelled-logs.ts';
import { readLibraryFiles } from './library.ts';
import { derivedFiles } from './patterns-derived.ts';
import { LINT_REPORTS, lint } from './patterns-lint.ts';
import { libraryNumbers } from './patterns-numbers.ts';
import { TEST_REPORTS } from './patterns-report.ts';
import { passes, testPatterns } from './patterns-test.ts';
import { readWinners, winnerChanges, winnersOf } from './patterns-winners.ts';
import { type Matched, matchRecorded } from './recorded-log.ts';
import { recordSample } from './recorded-sample.ts';

const file = (path: string) => readFileSync(join(packageRoot(), path), 'utf8');
const { patterns } = await readLibraryFiles([join(packageRoot(), 'patterns')], true);
const matcher = createMatcher(patterns);

test('patterns lint has nothing to say of the library', async () => {
  const { rows } = await lint([join(packageRoot(), 'patterns')], true);
  expect(LINT_REPORTS.text(rows)).toBe('');
});

test('patterns test: every finding of the fixtures is won by the right pattern', () => {
  const report = testPatterns(patterns);
  expect(passes(report) ? '' : TEST_REPORTS.text(report)).toBe('');
  const { right, wrong, missed } = report.fixtures;
  expect(right).toBeGreaterThan(70);
  expect(right / (right + wrong)).toBeGreaterThanOrEqual(0.99);
  expect(right / (right + missed)).toBeGreaterThanOrEqual(0.95);
});

test('each way of winning a sample is written down outside of the patterns; else: vexfs-trace patterns test --update', () => {
  const { samples, winners } = testPatterns(patterns);
  expect(winners).toEqual([]);
  expect(readWinners()).toEqual(winnersOf(samples));
});

test('without any one of the patterns some finding is won by another, or by none', () => {
  const { samples } = testPatterns(patterns);
  const expected = readWinners();
  const matched = new Map(
    patterns.map(({ id, samples: own }) => [id, own.map((sample) => matchRecorded(recordSample(sample), matcher))]),
  );
  for (const { id } of patterns) {
    const without = (seen: readonly Matched[]) =>
      seen.map(({ step, matches }) => ({ step, matches: matches.filter(({ pattern }) => pattern !== id) }));
    const now = matched.get(id)?.map((seen) => winnersIn(without(seen)));
    expect(now, id).not.toEqual(expected[id]?.[0]);
    // The table holds it although its own samples are gone with it.
    const left = samples.filter(({ pattern }) => pattern.id !== id);
    expect(winnerChanges(left, true)).toContainEqual({ pattern: id, place: '', expected: id, won: '' });
  }
});

test('what a failure was recorded for wins in its recording', () => {
  const expected = JSON.parse(file('fixtures/expected-patterns.json')) as Record<string, readonly string[]>;
  for (const { kernel, name, patterns: wanted } of readFailures()) {
    const won = expected[`guests/${kernel}/${name}`];
    if (won !== undefined) expect(won, name).toEqual(expect.arrayContaining(wanted));
  }
});

test('a sample that another pattern wins is told', () => {
  const [first] = checkSamples(patterns[0] as Pattern, matcher);
  if (first === undefined) throw new Error('no sample');
  const place = { pattern: first.pattern.id, place: 'sample 1', expected: first.won };
  expect(winnerChanges([{ ...first, won: 'other' }], false)).toEqual([{ ...place, won: 'other' }]);
});

test('the library is as narrow, as recorded and as complete as it has to be', () => {
  const { narrow, recorded, bareKinds } = libraryNumbers(patterns);
  expect(bareKinds).toEqual([]);
  expect(narrow).toBeGreaterThanOrEqual(60);
  expect(recorded).toBeGreaterThanOrEqual(60);
  expect(new Set(patterns.map(({ classification }) => classification))).toEqual(new Set(CLASSIFICATIONS));
});

test.each(KIND_NAMES.filter((kind) => kind !== 'pattern-match'))(
  'a finding of kind %s has a pattern, whatever it says',
  (kind) => {
    const finding = { event: KINDS[kind].event, kind, title: 'words that no pattern asks for' };
    const [found] = matchRecorded(recordSample({ text: '', finding, origin: '', recorded: false }), matcher);
    expect(found?.matches[0]?.pattern ?? '').not.toBe('');
  },
);

test('what counts as narrow', () => {
  const narrow = (match: Pattern['match']) => libraryNumbers([patternWith(match)]).narrow === 1;
  expect(narrow({ kind: 'bug', title: '/a/' })).toBe(false);
  expect(narrow({ kind: 'bug', details: { message: { exists: true } } })).toBe(false);
  expect(narrow({ kind: 'bug', not: { frame: 'f' } })).toBe(false);
  expect(narrow({ any: [{ kind: 'bug', frame: 'f' }, { kind: 'oom' }] })).toBe(false);
  expect(narrow({ any: [{ kind: 'bug', frame: 'f' }, { text: 'words' }] })).toBe(true);
  expect(narrow({ kind: 'bug', all: [{ stack: { fn: 'f' } }] })).toBe(true);
});

test('what is made of the library is up to date; else: vexfs-trace patterns test --update', async () => {
  for (const [name, text] of Object.entries(await derivedFiles())) expect(file(name), name).toBe(text);
});

test('what unknown crashes are compared with comes from patterns and recordings that are there', () => {
  const known = JSON.parse(file(KNOWN_CRASHES)) as readonly { readonly id: string; readonly classification: string }[];
  const logs = fixtureLogs(join(packageRoot(), 'fixtures')).map(({ name }) => name);
  const samples = patterns.flatMap(({ id, samples }) => samples.map((_, i) => `${id} sample ${i + 1}`));
  expect(known.filter(({ id }) => !logs.includes(id) && !samples.includes(id))).toEqual([]);
  expect(known.length).toBeGreaterThan(50);
});
