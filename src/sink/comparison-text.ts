import pc from 'picocolors';
import type { Comparison, ComparisonRow, PairComparison, Parity, SideSummary } from '../model/comparison.ts';
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
import { oneLine } from './escape.ts';

/** A comparison for people, in the shape of benchstat: a row for each metric, `~` where nothing is certain. */
export function comparisonText({ baseline, pairs }: Comparison, color: boolean): string {
  return pairs.map((pair) => pairText(baseline, pair, color)).join('\n');
}

/** Two targets for people. */
export function parityText(parity: Parity): string {
  const { a, b, tests, metrics, differences } = parity;
  const rows = [
    ['metric', oneLine(a), oneLine(b), 'times as good', ''],
    ...metrics.map(({ metric, unit, a: one, b: other, ratio: times, verdict }) => [
      ...[oneLine(metric), amount(one, unit), amount(other, unit), ratio(times)],
      VERDICT_WORDS[verdict],
    ]),
  ];
  const lines = [
    `${oneLine(b)} beside ${oneLine(a)}`,
    `  tests with the same result: ${percent(parity.sameResults)} of ${tests.length}`,
    `  operations with the same result: ${percent(parity.sameOperations)} of ${parity.operations.length}`,
    `  tests with the same answer to every call: ${parity.answers.compared - parity.answers.different.length} of ${parity.answers.compared} that did the same calls`,
    `  metrics in which it is as good, or not known to be worse: ${percent(parity.asGood)} of ${metrics.length}`,
    `  speed: ${ratio(parity.performance)} times as good; memory: ${ratio(parity.memory)} times as good (geometric means)`,
    `  stack: ${parity.stack === null ? 'not recorded' : `${ratio(parity.stack)} times as good`}`,
    '',
    ...(parity.operations.length === 0 ? [] : [...table(operationRows(parity)), '']),
    ...(metrics.length === 0 ? [] : [...table(rows), '']),
    `differences: ${differences.length === 0 ? 'none' : differences.length}`,
    ...differences.map((difference) => `  ${oneLine(difference)}`),
  ];
  return lines.map((line) => `${line.trimEnd()}\n`).join('');
}

function operationRows({ a, b, operations }: Parity): string[][] {
  return [
    ['operation', oneLine(a), oneLine(b), 'times as fast', ''],
    ...operations.map((each) => [
      ...[oneLine(each.operation), String(each.a), String(each.b), ratio(each.ratio)],
      oneLine(operationWords(each)),
    ]),
  ];
}

function pairText(baseline: string, pair: PairComparison, color: boolean): string {
  const colors = pc.createColors(color);
  const paint = { worse: colors.red, better: colors.green, same: (text: string) => text } as const;
  const body = table([
    ['metric', oneLine(baseline), oneLine(pair.against), 'change', 'at 95 %', ''],
    ...pair.rows.map((row) => [
      ...[oneLine(row.metric), side(row, row.before), side(row, row.after)],
      row.verdict === 'same' ? '~' : signedPercent(row.delta),
      `${signedPercent(row.interval[0])} … ${signedPercent(row.interval[1])}`,
      `p=${probability(row.p)} n=${row.before.n}+${row.after.n}`,
    ]),
  ]);
  const [head = '', ...rows] = body;
  const lines = [
    ...(rows.length === 0
      ? []
      : [colors.bold(head), ...rows.map((line, i) => paint[pair.rows[i]?.verdict ?? 'same'](line)), '']),
    ...changeLines(pair).map(oneLine),
  ];
  return lines.map((line) => `${line.trimEnd()}\n`).join('');
}

function side({ unit }: ComparisonRow, { median, spread }: SideSummary): string {
  return `${amount(median, unit)} ± ${spread === null ? '∞' : percent(spread)}`;
}

function table(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  return rows.map((row) =>
    row
      .map((cell, i) => (i === 0 || i === row.length - 1 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0)))
      .join('  '),
  );
}
