import type { FailureHistory, Trend } from '../model/trend.ts';
import { codeSpan } from './escape.ts';
import { FAILURE_HEAD, failureCells, failureLines, TREND_HEAD, trendCells, trendLines } from './trend-lines.ts';

/** Metrics over runs, as a page. */
export function trendMarkdown(trend: Trend): string {
  const about = `${trend.runs} runs${trend.runs === 0 ? '' : `, ${codeSpan(trend.from)} to ${codeSpan(trend.to)}`}`;
  return page('Trend', about, TREND_HEAD, trend.metrics.map(trendCells), trendLines(trend));
}

/** Failures over runs, as a page. */
export function failuresMarkdown(failures: readonly FailureHistory[]): string {
  const about =
    failures.length === 0 ? 'No failures.' : `${failures.length} failure${failures.length === 1 ? '' : 's'}`;
  return page('Failures', about, FAILURE_HEAD, failures.map(failureCells), failureLines(failures));
}

function page(
  title: string,
  about: string,
  head: readonly string[],
  rows: readonly (readonly string[])[],
  below: readonly string[],
): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  const table =
    rows.length === 0
      ? []
      : [
          line(head.map((cell) => cell || ' ')),
          `|${head.map(() => '---').join('|')}|`,
          ...rows.map((row) => line(row.map(codeSpan))),
          '',
        ];
  const list = below.map((each) => (each.startsWith('  ') ? `  - ${codeSpan(each.trim())}` : `- ${each}`));
  return [`# ${title}`, '', about, '', ...table, ...list, ''].join('\n');
}
