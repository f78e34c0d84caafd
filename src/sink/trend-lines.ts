import type { Between, FailureHistory, MetricTrend, Trend } from '../model/trend.ts';
import { amount, probability, signedPercent } from './comparison-numbers.ts';

const BARS = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'] as const;
/** The last so many points; and of a strip of runs. */
const MAX_POINTS = 40;
/** Of what two runs differ in. */
const MAX_CHANGES = 6;
const MAX_WORDS = 60;

/** A bar for each value, from the least to the most; none of them are safe to print as they are but these. */
export function sparkline(values: readonly number[]): string {
  const shown = values.slice(-MAX_POINTS);
  const [least, most] = [Math.min(...shown), Math.max(...shown)];
  return shown
    .map(
      (value) => BARS[most === least ? 3 : Math.round(((value - least) / (most - least)) * (BARS.length - 1))] ?? '·',
    )
    .join('');
}

export const TREND_HEAD = ['metric', 'runs', 'median', 'a day', 'p', 'trend', ''] as const;

export function trendCells({ metric, unit, points, median, slope, p, verdict }: MetricTrend): string[] {
  return [
    ...[metric, String(points.length), amount(median, unit), signedPercent(slope), probability(p)],
    ...[verdict === 'steady' ? '~' : verdict, sparkline(points.map(({ value }) => value))],
  ];
}

/** What stands below the table: where levels changed and what was not the same there, and what took too long. */
export function trendLines({ metrics, outliers, otherMachines }: Trend): string[] {
  const steps = metrics.flatMap(({ metric, step }) =>
    step === undefined ? [] : [`${metric}: ${signedPercent(step.ratio)} ${betweenWords(step)}`],
  );
  return [
    ...part('where levels changed', steps),
    ...part(
      'over twice as long as before',
      outliers.map(
        ({ run, metric, value, usual }) =>
          `${metric} in ${run}: ${amount(value, 'ms')}, usually ${amount(usual, 'ms')}`,
      ),
    ),
    ...(otherMachines > 0 ? [`${otherMachines} runs of other machines than that of the last run are left out`] : []),
  ];
}

export const FAILURE_HEAD = ['status', 'seen', 'runs', 'first', 'last', 'by time', 'failure'] as const;

export function failureCells({
  status,
  flaky,
  count,
  hits,
  times,
  firstSeen,
  lastSeen,
  strip,
  title,
}: FailureHistory): string[] {
  return [
    ...[`${status}${flaky ? ', flaky' : ''}`, String(count), `${hits} of ${times}`, day(firstSeen), day(lastSeen)],
    ...[strip.slice(-MAX_POINTS), title],
  ];
}

/** Of each failure between which runs it came and went: where to begin to bisect. */
export function failureLines(failures: readonly FailureHistory[]): string[] {
  const came = failures.flatMap(({ title, came: between }) =>
    between === undefined ? [] : [`${title}: ${betweenWords(between)}`],
  );
  const went = failures.flatMap(({ title, went: between }) =>
    between === undefined ? [] : [`${title}: ${betweenWords(between)}`],
  );
  return [...part('came', came), ...part('went', went)];
}

function betweenWords({ before, after, changes }: Between): string {
  const words = changes
    .slice(0, MAX_CHANGES)
    .map(({ what, before: old, after: fresh }) => `${what} ${brief(old)} → ${brief(fresh)}`);
  const more = changes.length > MAX_CHANGES ? [`${changes.length - MAX_CHANGES} more`] : [];
  const said = changes.length === 0 ? 'nothing that was written down has changed' : [...words, ...more].join('; ');
  return `between ${before} and ${after}: ${said}`;
}

function brief(text: string): string {
  return text === '' ? 'nothing' : text.length > MAX_WORDS ? `${text.slice(0, MAX_WORDS)}…` : text;
}

function part(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [`${title}:`, ...lines.map((line) => `  ${line}`)];
}

function day(time: string): string {
  return time.slice(0, 10);
}
