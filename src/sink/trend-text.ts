import type { FailureHistory, Trend } from '../model/trend.ts';
import { oneLine } from './escape.ts';
import { FAILURE_HEAD, failureCells, failureLines, TREND_HEAD, trendCells, trendLines } from './trend-lines.ts';

/** Metrics over runs, for people. */
export function trendText(trend: Trend): string {
  const head = `${trend.runs} runs${trend.runs === 0 ? '' : `, ${trend.from} to ${trend.to}`}`;
  return page(
    [head],
    trend.metrics.length === 0 ? [] : [TREND_HEAD, ...trend.metrics.map(trendCells)],
    trendLines(trend),
  );
}

/** Failures over runs, for people. */
export function failuresText(failures: readonly FailureHistory[]): string {
  if (failures.length === 0) return 'no failures\n';
  return page([], [FAILURE_HEAD, ...failures.map(failureCells)], failureLines(failures));
}

function page(head: readonly string[], rows: readonly (readonly string[])[], below: readonly string[]): string {
  const safe = rows.map((row) => row.map(oneLine));
  const widths = (safe[0] ?? []).map((_, i) => Math.max(...safe.map((row) => row[i]?.length ?? 0)));
  const lines = safe.map((row) =>
    row.map((cell, i) => (i === row.length - 1 ? cell : cell.padEnd(widths[i] ?? 0))).join('  '),
  );
  return [head.map(oneLine), lines, below.map(oneLine)]
    .filter((part) => part.length > 0)
    .map((part) => part.map((line) => `${line.trimEnd()}\n`).join(''))
    .join('\n');
}
