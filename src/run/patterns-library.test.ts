import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { packageRoot } from '../guest/paths.ts';
import { KNOWN_CRASHES } from './known-crashes.ts';
import { fixtureLogs } from './labelled-logs.ts';
import { readLibraryFiles } from './library.ts';
import { derivedFiles } from './patterns-derived.ts';
import { LINT_REPORTS, lint } from './patterns-lint.ts';
import { TEST_REPORTS } from './patterns-report.ts';
import { passes, testPatterns } from './patterns-test.ts';

const file = (path: string) => readFileSync(join(packageRoot(), path), 'utf8');
const { patterns } = await readLibraryFiles([join(packageRoot(), 'patterns')], true);

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
  for (const { won } of report.unlabelled) expect(won).not.toBe('');
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
