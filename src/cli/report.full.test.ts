import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import schema from '@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json' with { type: 'json' };
import AjvDraft4 from 'ajv-draft-04';
import addFormats from 'ajv-formats';
import { HtmlValidate } from 'html-validate';
import { XmlDocument, XsdValidator } from 'libxml2-wasm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { packageRoot } from '../guest/paths.ts';
import { runReportSchema } from '../model/run-report-schema.ts';
import { expectKcidb } from '../report/testing-kcidb.ts';
import { type CliOptions, runCli } from './testing.ts';

// A pattern of the schema is none with the flag u.
const ajv = new AjvDraft4.default({ strict: false, allErrors: true, unicodeRegExp: false });
addFormats.default(ajv);
const validateSarif = ajv.compile(schema);
/** What HTML of the standard may hold, and what a page needs to be used without eyes or mouse. */
const pages = new HtmlValidate({ extends: ['html-validate:standard', 'html-validate:a11y'] });
const XSD = XsdValidator.fromDoc(XmlDocument.fromBuffer(readFileSync(join(packageRoot(), 'src/sink/junit.xsd'))));

const dir = mkdtempSync(join(tmpdir(), 'vexfs-report-cli-'));
const capture = 'captures/null-deref';
const run = 'runs/one';
const report = (args: readonly string[], options: CliOptions = {}) =>
  runCli(['report', ...args], undefined, { cwd: dir, ...options });

beforeAll(async () => {
  cpSync(join(packageRoot(), 'fixtures/captures/null-deref'), join(dir, capture), { recursive: true });
  mkdirSync(join(dir, 'target'));
  mkdirSync(join(dir, 'runs'));
  const ask = ['--target', 'target', '--test', 'files', '--test', 'load-unload', '--seconds', '1', '--folder', run];
  const { code } = await runCli(['stress', ...ask], undefined, { cwd: dir });
  expect(code).toBe(0);
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

/** What a format has to be, checked by its own tool or schema. */
const FORMATS: readonly (readonly [string, (text: string) => void | Promise<void>])[] = [
  [
    'html',
    async (text) => {
      const { results } = await pages.validateString(text);
      expect(results.flatMap(({ messages }) => messages)).toEqual([]);
    },
  ],
  ['text', (text) => expect(text).not.toBe('')],
  [
    'json',
    (text) => {
      const value = JSON.parse(text);
      if ('tests' in value) runReportSchema.parse(value);
      else expect(value).toBeTypeOf('object');
    },
  ],
  ['markdown', (text) => expect(text).toMatch(/^#/)],
  ['junit', (text) => XSD.validate(XmlDocument.fromBuffer(Buffer.from(text)))],
  ['ktap', (text) => expect(text).toMatch(/^KTAP version 1\n1\.\.\d+\n/)],
  [
    'sarif',
    (text) => {
      validateSarif(JSON.parse(text));
      expect(validateSarif.errors ?? []).toEqual([]);
    },
  ],
  [
    'github',
    (text) => {
      expect(text).toMatch(/^(?:::(?:error|warning|notice) .*\n)*$/);
      // GitHub shows ten of a kind for each step, and four kilobytes of each (docs.github.com/actions, limits).
      expect(text.split('\n').filter((line) => line.startsWith('::error')).length).toBeLessThanOrEqual(10);
      for (const line of text.split('\n')) expect(Buffer.byteLength(line)).toBeLessThanOrEqual(4096);
    },
  ],
  ['kcidb', (text) => void expectKcidb(text)],
  ['lkml', (text) => expect(text).toMatch(/^To: .*\nSubject: \[BUG\] /)],
];

describe.each([
  ['recording', capture],
  ['run', run],
  ['recorded run of the first level', join(packageRoot(), 'fixtures/runs/level-1')],
  ['recorded run of faults', join(packageRoot(), 'fixtures/runs/faults')],
])('a %s', (_, folder) => {
  test.each(FORMATS)('as %s', async (format, check) => {
    const { code, stdout, stderr } = await report([folder, '--format', format]);
    expect(stderr).toBe('');
    expect(code).toBe(0);
    await check(stdout);
  });
});

describe('beside a baseline', () => {
  const beside = (format: string, ...args: string[]) => report([run, '--baseline', run, '--format', format, ...args]);
  test('as JSON', async () => {
    const { comparison, tests } = JSON.parse((await beside('json', '--metric', 'files/rate')).stdout);
    expect(tests).toHaveLength(2);
    expect(comparison.pairs[0].rows.map(({ metric }: { metric: string }) => metric)).toEqual(['files/rate']);
  });
  test.each([
    ['text', /\nbeside runs\/one:\n\nmetric +runs\/one/],
    ['markdown', /\n# Comparison\n\n\| `metric` \|/],
    ['html', /<h2 id="comparison">Compared with runs\/one<\/h2>/],
    ['github', /^$/],
  ])('as %s', async (format, holds) => {
    const { code, stdout } = await beside(format);
    expect(code).toBe(0);
    expect(stdout).toMatch(holds);
  });
});

test('goes to a file, which is there whole or not at all', async () => {
  const { code, stdout, stderr } = await report([run, '-o', 'page.html']);
  expect([code, stdout, stderr]).toEqual([0, '', 'written to page.html\n']);
  expect(readFileSync(join(dir, 'page.html'), 'utf8')).toMatch(/<\/html>\n$/);
  const failed = await report([run, '-o', 'nowhere/page.html']);
  expect(failed.code).toBe(2);
  expect(failed.stderr).toContain('nowhere/page.html cannot be written');
});

test('a step of GitHub gets a summary', async () => {
  writeFileSync(join(dir, 'step.md'), '');
  const env = { GITHUB_STEP_SUMMARY: join(dir, 'step.md') };
  await report([run, '--format', 'github'], { env });
  expect(readFileSync(join(dir, 'step.md'), 'utf8')).toMatch(/^# Stress run/);
});

test('without chromium a PDF ends with exit 3 and what brings it', async () => {
  const env = { PATH: '/nowhere' };
  const { code, stderr } = await report([run, '--format', 'pdf', '-o', 'page.pdf'], {
    env,
    command: [process.execPath, join(packageRoot(), 'dist/vexfs-trace.cjs')],
  });
  expect(stderr).toContain('apt-get install --no-install-recommends chromium');
  expect(code).toBe(3);
  expect(existsSync(join(dir, 'page.pdf'))).toBe(false);
});

test.each([
  { args: ['nothing'], code: 2, says: 'nothing does not exist' },
  { args: ['target'], code: 2, says: 'target is neither a run nor a recording' },
  { args: [run, '--baseline', 'no-such-name'], code: 2, says: 'no-such-name is no run, and no baseline has that name' },
  { args: [run, '--baseline', run, '--format', 'sarif'], code: 2, says: 'a comparison has no place in sarif' },
  { args: [capture, '--baseline', run], code: 2, says: 'has no figures to compare' },
  { args: [run, '--format', 'yaml'], code: 2, says: 'Allowed choices are html' },
])('$args', async ({ args, code, says }) => {
  const ended = await report(args);
  expect(ended.stderr).toContain(says);
  expect(ended.code).toBe(code);
});
