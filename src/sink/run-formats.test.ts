import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { XmlDocument, XsdValidator } from 'libxml2-wasm';
import { marked } from 'marked';
import { describe, expect, test } from 'vitest';
import { packageRoot } from '../guest/paths.ts';
import type { RunReport, TestRow } from '../model/run-report.ts';
import { VERDICTS } from '../model/test-run.ts';
import { RUN_FORMATS, type RunFormat } from './run-formats.ts';
import { EVIL } from './testing-evil.ts';

const XSD = XsdValidator.fromDoc(XmlDocument.fromBuffer(readFileSync(join(packageRoot(), 'src/sink/junit.xsd'))));

const ROW: TestRow = {
  ...{ id: 'files', domain: 'filesystem', about: 'contents of files', verdict: 'PASS', reason: '', attempts: 1 },
  ...{ durationMs: 1500, seed: 7, guest: 'guest-1', findings: [], unexpected: [], incidents: [], figures: {} },
};
const TESTS: readonly TestRow[] = [
  ROW,
  {
    ...{
      ...ROW,
      id: 'names',
      verdict: 'FAIL',
      culprit: 'code',
      reason: 'WARNING in f',
      findings: ['WARNING in f'],
      unexpected: ['WARNING in f'],
    },
    incidents: [
      {
        ...{ title: 'WARNING in f', classification: 'module-crash', outcome: 'recovered' },
        ...{ durationMs: 900, beyondBootMs: 800 },
        recoveries: [
          { action: 'unmount', result: 'ok', verified: false, durationMs: 300 },
          { action: 'remount', result: 'ok', verified: true, durationMs: 600 },
        ],
      },
    ],
  },
  { ...ROW, id: 'vectors', domain: 'vector', verdict: 'SKIP', reason: 'no vectors' },
  { ...ROW, id: 'vectors.2', domain: 'vector', verdict: 'SKIP', reason: 'no vectors' },
  { ...ROW, id: 'space', domain: 'safety', verdict: 'ERROR', culprit: 'harness', reason: 'the guest went away' },
  { ...ROW, id: 'calls', domain: 'safety', verdict: 'MISS', culprit: 'harness', reason: 'no longer armed: lockdep' },
];

function reportOf(tests: readonly TestRow[], strays: readonly string[] = []): RunReport {
  return {
    ...{ run: '01R', tool: 'vexfs-trace 1', started: '2026-11-21T19:00:00.123Z', durationMs: 65_000, seed: 7 },
    ...{ command: ['stress', '--level', '1'], guests: ['a kernel, tcg'], tests, planned: tests.length + 1 },
    counts: Object.fromEntries(
      VERDICTS.map((verdict) => [verdict, tests.filter((row) => row.verdict === verdict).length]),
    ) as RunReport['counts'],
    ...{ strays, orphans: [], resumed: 1 },
  };
}

describe('a run', () => {
  test.each(['text', 'ktap', 'junit', 'markdown'] as const)('as %s', (format) => {
    expect(RUN_FORMATS[format](reportOf(TESTS))).toMatchSnapshot();
  });

  test('as JSON is what it is', () => {
    expect(JSON.parse(RUN_FORMATS.json(reportOf(TESTS)))).toEqual(reportOf(TESTS));
  });

  test('as JUnit fits its schema', () => {
    const document = XmlDocument.fromBuffer(Buffer.from(RUN_FORMATS.junit(reportOf(TESTS))));
    XSD.validate(document);
    expect(document.find('//testcase')).toHaveLength(TESTS.length);
  });

  test('of no tests is whole in every format', () => {
    for (const format of Object.keys(RUN_FORMATS) as RunFormat[])
      expect(RUN_FORMATS[format](reportOf([]))).not.toMatch(/NaN|undefined|Infinity/);
  });
});

describe.each(Object.entries(EVIL))('%s', (_, evil) => {
  const row: TestRow = {
    ...{ ...ROW, verdict: 'FAIL', culprit: 'code', reason: evil, findings: [evil], guest: evil },
    incidents: [
      {
        ...{ title: evil, classification: 'unknown', outcome: 'recovered', durationMs: 1, beyondBootMs: 1 },
        recoveries: [{ action: 'remount', result: 'ok', verified: true, durationMs: 1 }],
      },
    ],
  };
  const report = { ...reportOf([row], [evil]), guests: [evil], command: ['stress', evil], orphans: [evil] };
  const plain = reportOf([{ ...row, reason: 'x', findings: ['x'] }], ['x']);

  test.each(['text', 'ktap', 'junit', 'markdown'] as const)('cannot move a cursor or add a line to %s', (format) => {
    const text = RUN_FORMATS[format](report);
    expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\u202e]/u);
    if (evil.trim() !== '')
      expect(text.split('\n').length).toBe(
        RUN_FORMATS[format]({ ...plain, guests: ['x'], orphans: ['x'] }).split('\n').length,
      );
  });

  test('is no element of JUnit', () => {
    const document = XmlDocument.fromBuffer(Buffer.from(RUN_FORMATS.junit(report)));
    XSD.validate(document);
    expect(document.find('//testcase')).toHaveLength(1);
  });

  test('is no result or directive of KTAP', () => {
    const results = RUN_FORMATS.ktap(report)
      .split('\n')
      .filter((line) => /^(ok|not ok|Bail)/.test(line));
    expect(results).toEqual(['not ok 1 files']);
  });

  test('is no markup of Markdown', () => {
    const html = marked.parse(RUN_FORMATS.markdown(report), { async: false });
    expect(html).not.toMatch(/<(script|img|a|h2|h3)\b/);
    expect(html.match(/<tr>/g)).toHaveLength(2);
  });
});
