import { relative } from 'node:path';
import { commandData, commandProperty, markdownText, oneLine, xmlAttribute } from '../sink/escape.ts';
import type { Change } from './patterns-changes.ts';
import { passes, type Score, type TestReport, type Wrong } from './patterns-test.ts';
import type { WinnerChange } from './patterns-winners.ts';

export const TEST_FORMATS = ['text', 'json', 'junit', 'github', 'markdown'] as const;
export type TestFormat = (typeof TEST_FORMATS)[number];

/** The result of `patterns test` in each of its formats. */
export const TEST_REPORTS: Readonly<Record<TestFormat, (report: TestReport) => string>> = {
  text,
  json,
  junit,
  github,
  markdown,
};

/** Rows that a person reads; the rest is in the other formats. */
const MAX_ROWS = 20;

function text(report: TestReport): string {
  const { patterns, samples, wrong, fixtures, corpus, changes } = report;
  const failed = failures(report);
  const rows = [...report.scores].filter(([, score]) => score.wrong + score.missed > 0);
  return [
    ...failed.map(({ file, message }) => `FAIL  ${file}: ${message}`),
    ...section(
      'Not won by the right pattern',
      wrong.filter(isCorpus),
      ({ log, title, won, expected }) => `${log}: "${title}" is ${won || 'no pattern'}, should be ${expected}`,
    ),
    ...section(
      'Patterns that are not always right (precision, recall)',
      rows,
      ([id, score]) => `${id}: ${percent(precision(score))}, ${percent(recall(score))}`,
    ),
    ...(changes === undefined ? [] : section(`Changed against ${changes.base}`, changes.changes, changeText)),
    `patterns ${patterns.length}, samples ${samples.length}, failed ${failed.length}`,
    `fixtures: ${figures(fixtures)}`,
    ...(corpus === undefined
      ? []
      : [
          `corpus:   ${figures(corpus)}; ${corpus.unlabelled} logs whose label decides nothing`,
          `          of the labels ${corpus.exact} leave one classification, ${labels(corpus) - corpus.exact} two`,
          `by type:  ${figures(corpus.byType)}; ${corpus.byType.unlabelled} logs whose type decides nothing`,
        ]),
    '',
  ].join('\n');
}

function json({ patterns, samples, scores, ...report }: TestReport): string {
  const { corpus, winners } = report;
  const rows = patterns.map(({ id }) => ({
    id,
    ...withRates(scores.get(id)),
    ...(corpus && { corpus: withRates(corpus.byPattern.get(id)) }),
  }));
  const all = samples.map(({ pattern, ...sample }) => ({ pattern: pattern.id, ...sample }));
  const { wrong, unlabelled, fixtures, changes } = report;
  const totals = corpus && {
    ...{ ...withRates(corpus), unlabelled: corpus.unlabelled, exact: corpus.exact },
    byType: { ...withRates(corpus.byType), unlabelled: corpus.byType.unlabelled },
  };
  const whole = { ok: passes({ patterns, samples, scores, ...report }), fixtures: withRates(fixtures), corpus: totals };
  return `${JSON.stringify({ ...whole, patterns: rows, samples: all, wrong, winners, unlabelled, changes }, null, 2)}\n`;
}

/** A case for each sample and each fixture that is wrong, a suite a pattern. */
function junit(report: TestReport): string {
  const suites = report.patterns.map((pattern) => {
    const own = report.samples.filter((sample) => sample.pattern === pattern);
    const cases = own.map(({ kind, number, ok, detail }) => {
      const start = `    <testcase classname="${xmlAttribute(pattern.id)}" name="${kind} ${number}" file="${xmlAttribute(here(pattern.file))}" time="0"`;
      return ok ? `${start}/>\n` : `${start}><failure message="${xmlAttribute(detail)}"/></testcase>\n`;
    });
    return suite(pattern.id, cases, own.filter(({ ok }) => !ok).length);
  });
  const wrong = [...report.wrong.filter((row) => !isCorpus(row)), ...report.unlabelled];
  const cases = wrong.map(
    (row) =>
      `    <testcase classname="fixtures" name="${xmlAttribute(`${row.log}: ${row.title}`)}" time="0"><failure message="${xmlAttribute(fixtureText(row))}"/></testcase>\n`,
  );
  const changed = report.winners.map(
    (change) =>
      `    <testcase classname="winners" name="${xmlAttribute(`${change.pattern} ${change.place}`.trim())}" time="0"><failure message="${xmlAttribute(winnerText(change))}"/></testcase>\n`,
  );
  const right = `    <testcase classname="fixtures" name="${report.fixtures.right} findings are won by the right pattern" time="0"/>\n`;
  const all = [
    ...suites,
    suite('fixtures', [right, ...cases], wrong.length),
    suite('winners', changed, changed.length),
  ];
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="patterns">\n${all.join('')}</testsuites>\n`;
}

function suite(name: string, cases: readonly string[], failed: number): string {
  const counts = `tests="${cases.length}" failures="${failed}" errors="0" skipped="0"`;
  return `  <testsuite name="${xmlAttribute(name)}" ${counts} time="0">\n${cases.join('')}  </testsuite>\n`;
}

/** Workflow commands of GitHub Actions: an annotation at the file of each pattern that is wrong. */
function github(report: TestReport): string {
  return failures(report)
    .map(({ file, message }) => `::error file=${commandProperty(file)}::${commandData(oneLine(message))}\n`)
    .join('');
}

/** What a reviewer of a pull request wants to see. */
function markdown(report: TestReport): string {
  const { patterns, samples, fixtures, corpus, changes } = report;
  const failed = failures(report);
  const list = (rows: readonly string[]) => rows.map((row) => `- ${markdownText(row)}\n`).join('');
  const moved = changes?.changes ?? [];
  return [
    `### Patterns: ${passes(report) ? 'all right' : 'not right'}\n`,
    `${patterns.length} patterns, ${samples.length} samples. Fixtures: ${figures(fixtures)}.\n`,
    ...(corpus === undefined ? [] : [`Labelled logs: ${figures(corpus)}; by type alone: ${figures(corpus.byType)}.\n`]),
    ...(failed.length === 0 ? [] : [`#### Wrong\n`, list(failed.map(({ file, message }) => `${file}: ${message}`))]),
    ...(changes === undefined ? [] : [`#### Changed against ${markdownText(changes.base)}\n`]),
    ...(changes === undefined ? [] : [moved.length === 0 ? 'Nothing.\n' : list(moved.map(changeText))]),
  ].join('\n');
}

interface Failure {
  readonly file: string;
  readonly message: string;
}

function failures({ samples, wrong, unlabelled, winners, patterns }: TestReport): Failure[] {
  const file = (id: string) => here(patterns.find((pattern) => pattern.id === id)?.file ?? 'patterns');
  return [
    ...samples
      .filter(({ ok }) => !ok)
      .map(({ pattern, kind, number, detail }) => ({
        file: here(pattern.file),
        message: `${kind} ${number}: ${detail}`,
      })),
    ...[...wrong.filter((row) => !isCorpus(row)), ...unlabelled].map((row) => ({
      file: file(row.won || row.expected),
      message: `fixture ${row.log}: "${row.title}" is ${fixtureText(row)}`,
    })),
    ...winners.map((change) => ({ file: file(change.pattern), message: winnerText(change) })),
  ];
}

function fixtureText({ won, expected }: Wrong): string {
  const now = `won by ${won || 'no pattern'}`;
  return expected === '' ? `${now}; if that is right, \`patterns test --update\`` : `${now}, should be ${expected}`;
}

function winnerText({ pattern, place, expected, won }: WinnerChange): string {
  if (place === '') return `the pattern ${pattern} is gone`;
  return `${place} of ${pattern} is won by ${won || 'nothing'}, was by ${expected || 'nothing'}`;
}

function changeText(change: Change): string {
  if (change.kind !== 'moved') return `${change.kind}: ${change.pattern}`;
  return `${change.log}: "${change.title}" was ${change.before || 'no pattern'}, is ${change.now || 'no pattern'}`;
}

function section<T>(title: string, rows: readonly T[], words: (row: T) => string): string[] {
  if (rows.length === 0) return [];
  const more = rows.length > MAX_ROWS ? [`  … and ${rows.length - MAX_ROWS} more (--format json)`] : [];
  return [`${title}:`, ...rows.slice(0, MAX_ROWS).map((row) => `  ${words(row)}`), ...more, ''];
}

const isCorpus = ({ log }: { readonly log: string }): boolean => log.startsWith('corpus ');
const here = (file: string): string => relative(process.cwd(), file) || file;
const labels = ({ right, missed }: Score): number => right + missed;
const precision = ({ right, wrong }: Score): number => (right + wrong === 0 ? 1 : right / (right + wrong));
const recall = ({ right, missed }: Score): number => (right + missed === 0 ? 1 : right / (right + missed));
const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;

function figures(score: Score): string {
  return `precision ${percent(precision(score))}, recall ${percent(recall(score))} (${score.right} right, ${score.wrong} wrong, ${score.missed} missed)`;
}

function withRates(score: Score = { right: 0, wrong: 0, missed: 0 }) {
  const { right, wrong, missed } = score;
  return { right, wrong, missed, precision: precision(score), recall: recall(score) };
}
