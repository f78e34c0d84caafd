import { formatMs } from '../base/text.ts';
import type { Change, PairComparison } from '../model/comparison.ts';

/** Lines of each list that are shown. */
const MAX = 40;

/** All of a comparison but its table: each list with its words, a line each. None of it is safe to print as it is. */
export function changeLines(pair: PairComparison): string[] {
  const { crashes, anomalies } = pair;
  return [
    ...part('another machine: the figures are not of the same thing', pair.unlike.map(changeLine)),
    ...part('what else has changed', pair.changes.map(changeLine)),
    ...part('verdicts', pair.verdicts.map(changeLine)),
    ...part(
      'findings',
      crashes.map(({ status, flaky, title, before, after }) => {
        const times = `${before[0]} of ${before[1]}, now ${after[0]} of ${after[1]}`;
        return `${status}${flaky ? ', flaky' : ''}: ${title} (${times})`;
      }),
    ),
    ...part(
      'over twice as long',
      anomalies.map(({ test, beforeMs, afterMs }) => `${test}: ${formatMs(beforeMs)}, now ${formatMs(afterMs)}`),
    ),
    ...part('measured before only', pair.onlyBefore),
    ...part('measured now only', pair.onlyAfter),
    ...part('to keep in mind', pair.notes),
    ...part(
      'not let pass',
      pair.breaches.map(({ metric, rule }) => `${metric}: ${rule}`),
    ),
  ];
}

function part(title: string, lines: readonly string[]): string[] {
  if (lines.length === 0) return [];
  const more = lines.length > MAX ? [`  and ${lines.length - MAX} more`] : [];
  return [`${title}:`, ...lines.slice(0, MAX).map((line) => `  ${line}`), ...more];
}

function changeLine({ what, before, after }: Change): string {
  return `${what}: ${before || 'nothing'}, now ${after || 'nothing'}`;
}
