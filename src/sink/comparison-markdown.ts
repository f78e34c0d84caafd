import type { Comparison, PairComparison, Parity } from '../model/comparison.ts';
import { changeLines } from './comparison-lines.ts';
import {
  amount,
  operationWords,
  percent,
  probability,
  ratio,
  signedPercent,
  VERDICT_WORDS,
} from './comparison-numbers.ts';
import { codeSpan } from './escape.ts';

/** A comparison as a page. */
export function comparisonMarkdown({ baseline, pairs }: Comparison): string {
  return ['# Comparison', '', ...pairs.flatMap((pair) => pairPart(baseline, pair))].join('\n');
}

/** Two targets as a page. */
export function parityMarkdown(parity: Parity): string {
  const { a, b, tests, metrics, differences } = parity;
  return [
    '# Parity',
    '',
    `- ${codeSpan(b)} beside ${codeSpan(a)}`,
    `- Tests with the same result: ${percent(parity.sameResults)} of ${tests.length}`,
    `- Operations with the same result: ${percent(parity.sameOperations)} of ${parity.operations.length}`,
    `- Tests with the same answer to every call: ${parity.answers.compared - parity.answers.different.length} of ${parity.answers.compared} that did the same calls`,
    `- Metrics in which it is as good, or not known to be worse: ${percent(parity.asGood)} of ${metrics.length}`,
    `- Speed: ${ratio(parity.performance)} times as good; memory: ${ratio(parity.memory)} times as good; stack: ${parity.stack === null ? 'not recorded' : `${ratio(parity.stack)} times as good`}`,
    '',
    ...table(
      ['operation', a, b, 'times as fast', ''],
      parity.operations.map((each) => [
        ...[each.operation, String(each.a), String(each.b), ratio(each.ratio)],
        codeSpan(operationWords(each)),
      ]),
    ),
    ...table(
      ['metric', a, b, 'times as good', ''],
      metrics.map(({ metric, unit, a: one, b: other, ratio: times, verdict }) => [
        ...[metric, amount(one, unit), amount(other, unit), ratio(times)],
        VERDICT_WORDS[verdict],
      ]),
    ),
    ...differences.map((difference) => `- ${codeSpan(difference)}`),
    '',
  ].join('\n');
}

function pairPart(baseline: string, pair: PairComparison): string[] {
  const rows = pair.rows.map(({ metric, unit, before, after, verdict, delta, interval, p }) => [
    ...[metric, amount(before.median, unit), amount(after.median, unit)],
    verdict === 'same' ? '~' : signedPercent(delta),
    `${signedPercent(interval[0])} … ${signedPercent(interval[1])}`,
    `${probability(p)}, ${before.n}+${after.n}`,
  ]);
  const lines = changeLines(pair).map((line) =>
    line.startsWith('  ') ? `  - ${codeSpan(line.trim())}` : `- ${codeSpan(line)}`,
  );
  return [...table(['metric', baseline, pair.against, 'change', 'at 95 %', 'p, n'], rows), ...lines, ''];
}

/** The first column and the head are words of others. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  if (rows.length === 0) return [];
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [
    line(head.map((cell) => (cell === '' ? ' ' : codeSpan(cell)))),
    `|${head.map(() => '---').join('|')}|`,
    ...rows.map(([metric = '', ...others]) => line([codeSpan(metric), ...others])),
    '',
  ];
}
