import pc from 'picocolors';
import { formatMs } from '../base/text.ts';
import { figuresOf } from '../model/run-figures.ts';
import type { RunReport, TestRow } from '../model/run-report.ts';
import { VERDICTS } from '../model/test-run.ts';
import { oneLine } from './escape.ts';

/** Verdicts that a summary lists one by one; the others are counted. */
const LISTED: ReadonlySet<string> = new Set(['FAIL', 'ERROR', 'MISS', 'SKIP']);
/** Findings that are named. */
const MAX_NAMED = 20;

/** A run in a few lines: what was not right, and what the whole of it says. */
export function runText(report: RunReport, color: boolean): string {
  const colors = pc.createColors(color);
  const listed = together(report.tests.filter(({ verdict }) => LISTED.has(verdict)));
  const width = Math.max(0, ...listed.map(({ name }) => name.length));
  const lines = listed.map(({ name, test: { verdict, culprit, reason } }) => {
    const paint = verdict === 'FAIL' || verdict === 'ERROR' ? colors.red : colors.yellow;
    const blamed = culprit === undefined ? '' : ` (${culprit})`;
    return `  ${paint(verdict.padEnd(5))} ${name.padEnd(width)}  ${oneLine(reason)}${blamed}`;
  });
  return [...lines, ...summaryLines(report)].map((line) => `${line}\n`).join('');
}

/** Tests of which the same is said in one line. */
function together(tests: readonly TestRow[]): { readonly name: string; readonly test: TestRow }[] {
  const groups = new Map<string, TestRow[]>();
  for (const test of tests) {
    const key = `${test.verdict} ${test.culprit ?? ''} ${test.reason}`;
    const same = groups.get(key);
    if (same === undefined) groups.set(key, [test]);
    else same.push(test);
  }
  return [...groups.values()].map((same) => {
    const [first, ...others] = same;
    return { name: others.length === 0 ? (first?.id ?? '') : `${same.length} tests`, test: first as TestRow };
  });
}

/** The figures of a run, a line each. */
export function summaryLines(report: RunReport): string[] {
  const { counts, planned, tests, durationMs, orphans, resumed, seed } = report;
  const figures = figuresOf(report);
  const verdicts = VERDICTS.filter((verdict) => counts[verdict] > 0).map((verdict) => `${counts[verdict]} ${verdict}`);
  const { recoveryMs, findings } = figures;
  return [
    `${tests.length} of ${planned} tests in ${formatMs(durationMs)}: ${verdicts.join(', ') || 'none'}; seed ${seed}${resumed > 0 ? `, taken up again ${times(resumed)}` : ''}`,
    `planned tests completed: ${percent(figures.completed)}`,
    ...(figures.faults === 0
      ? []
      : [`faults put in: ${figures.faults}, noticed, named and mended: ${figures.faultsMastered}`]),
    ...(figures.incidents === 0
      ? []
      : [
          `incidents: ${figures.incidents}, recovered: ${figures.recovered} (${percent(figures.recovered / figures.incidents)})`,
        ]),
    ...(recoveryMs === undefined
      ? []
      : [`recovery beyond the boot: median ${formatMs(recoveryMs.median)}, longest ${formatMs(recoveryMs.worst)}`]),
    findings.length === 0
      ? 'findings that nobody put in: none'
      : `findings that nobody put in: ${findings.length}: ${findings.slice(0, MAX_NAMED).map(oneLine).join('; ')}`,
    `left behind: ${orphans.length === 0 ? 'nothing' : orphans.map(oneLine).join(', ')}`,
  ];
}

/** What broke in a test and how it was mended, a line each. */
export function incidentLines({ incidents }: TestRow): string[] {
  return incidents.map(({ title, classification, outcome, recoveries, beyondBootMs }) => {
    const actions = recoveries.map(({ action, verified }) => (verified ? `${action} (verified)` : action));
    return `${oneLine(title)}: ${classification}, ${outcome} after ${formatMs(beyondBootMs)} by ${actions.join(', ') || 'nothing'}`;
  });
}

function times(count: number): string {
  return count === 1 ? 'once' : `${count} times`;
}

function percent(ratio: number): string {
  return `${(ratio * 100).toFixed(1)} %`;
}
