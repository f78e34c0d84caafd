import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { packageRoot } from '../guest/paths.ts';
import { readLibraryFiles } from './library.ts';
import { CATALOGUES, patternJsonSchema } from './patterns-catalogue.ts';
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

test('the catalogue in the documentation is the library, no pattern more or less', () => {
  expect(file('docs/patterns.md')).toBe(CATALOGUES.markdown(patterns));
});

test('the schema for editors is up to date: vexfs-trace patterns schema > patterns/pattern.schema.json', () => {
  expect(file('patterns/pattern.schema.json')).toBe(patternJsonSchema());
});
