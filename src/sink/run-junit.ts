import type { RunReport, TestRow } from '../model/run-report.ts';
import { DOMAINS, type Verdict } from '../model/test-run.ts';
import { xmlAttribute, xmlText } from './escape.ts';
import { incidentLines } from './run-text.ts';

/** The element that says what was wrong. */
const ELEMENTS: Readonly<Partial<Record<Verdict, 'failure' | 'error' | 'skipped'>>> = {
  FAIL: 'failure',
  ERROR: 'error',
  MISS: 'skipped',
  SKIP: 'skipped',
};

/** JUnit XML as Jenkins and GitLab read it: each domain a suite, each test a case. */
export function runJunit({ tests, started, run }: RunReport): string {
  const suites = DOMAINS.map((domain) => [domain, tests.filter((test) => test.domain === domain)] as const);
  const body = suites.filter(([, own]) => own.length > 0).map(([domain, own]) => suite(domain, own, started));
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="${xmlAttribute(`vexfs-trace ${run}`)}">\n${body.join('')}</testsuites>\n`;
}

function suite(name: string, tests: readonly TestRow[], started: string): string {
  const count = (element: string) => tests.filter(({ verdict }) => ELEMENTS[verdict] === element).length;
  const time = tests.reduce((sum, { durationMs }) => sum + durationMs, 0) / 1000;
  const counts = `tests="${tests.length}" failures="${count('failure')}" errors="${count('error')}" skipped="${count('skipped')}"`;
  // Jenkins wants a time without a zone.
  const timestamp = xmlAttribute(started.replace(/\..*$/, ''));
  return `  <testsuite name="${name}" ${counts} time="${time.toFixed(3)}" timestamp="${timestamp}">\n${tests.map(testcase).join('')}  </testsuite>\n`;
}

function testcase(test: TestRow): string {
  const { id, domain, verdict, reason, culprit = verdict, durationMs } = test;
  const start = `    <testcase classname="${domain}" name="${xmlAttribute(id)}" time="${(durationMs / 1000).toFixed(3)}"`;
  const element = ELEMENTS[verdict];
  const told = incidentLines(test);
  const out = told.length === 0 ? '' : `<system-out>${xmlText(told.join('\n'))}</system-out>`;
  if (element === undefined) return out === '' ? `${start}/>\n` : `${start}>${out}</testcase>\n`;
  const message = `message="${xmlAttribute(reason)}"`;
  const what = element === 'skipped' ? `<skipped ${message}/>` : `<${element} type="${culprit}" ${message}/>`;
  return `${start}>${what}${out}</testcase>\n`;
}
