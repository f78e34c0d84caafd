import type { RunReport, TestRow } from '../model/run-report.ts';
import type { Verdict } from '../model/test-run.ts';
import { oneLine } from './escape.ts';

/** A verdict as the result of a test and its directive. */
const RESULTS: Readonly<Record<Verdict, readonly [result: 'ok' | 'not ok', directive: string]>> = {
  PASS: ['ok', ''],
  DONE: ['ok', ''],
  SKIP: ['ok', 'SKIP'],
  MISS: ['ok', 'SKIP'],
  FAIL: ['not ok', ''],
  ERROR: ['not ok', 'ERROR'],
};

/** The Kernel Test Anything Protocol, version 1 (Documentation/dev-tools/ktap.rst). */
export function runKtap({ tests }: RunReport): string {
  return `KTAP version 1\n1..${tests.length}\n${tests.map(testOf).join('')}`;
}

function testOf({ id, verdict, reason, culprit, findings, seed, durationMs }: TestRow, at: number): string {
  const [result, directive] = RESULTS[verdict];
  const why = directive === '' ? '' : ` # ${directive} ${plain(reason)}`;
  const more = [
    directive === '' && reason !== '' ? `# ${plain(reason)}${culprit === undefined ? '' : ` (${culprit})`}\n` : '',
    ...findings.map((title) => `# finding: ${plain(title)}\n`),
    `# ${id}: ${(durationMs / 1000).toFixed(1)} s, seed ${seed}\n`,
  ];
  return `${more.join('')}${result} ${at + 1} ${id}${why}\n`;
}

/** A `#` begins a directive. */
function plain(text: string): string {
  return oneLine(text).replaceAll('#', '＃');
}
