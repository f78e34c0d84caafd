import type { Comparison, ComparisonRow, Parity, ParityMetric } from '../model/comparison.ts';
import type { Side } from '../model/measured-run.ts';
import { verdicts } from './changes.ts';
import { SIGNIFICANT } from './compare.ts';
import { leastP } from './notes.ts';
import { answersOf, geometricMean, operationsOf } from './parity-operations.ts';

/** The figure of a test that says how deep the stack went: `stack-bytes`. */
const STACK = /\/stack$/;
/** Results that say nothing of the target. */
const UNTOLD: ReadonlySet<string> = new Set(['SKIP', 'not run']);

/** Is one target as good as the other? Results test by test, and speed and memory as multiples, from a comparison of both. */
export function parityOf(a: Side, b: Side, { pairs }: Comparison): Parity {
  const pair = pairs[0];
  const [of, against] = [verdicts(a), verdicts(b)];
  const tests = [...new Set([...of.keys(), ...against.keys()])].flatMap((test) => {
    const [one, other] = [of.get(test) ?? 'not run', against.get(test) ?? 'not run'];
    return UNTOLD.has(one) && UNTOLD.has(other) ? [] : [{ test, a: one, b: other, same: one === other }];
  });
  const rows = pair?.rows ?? [];
  const metrics = rows.map((row) => metricOf(row, rows.length));
  const answers = answersOf(a, b);
  const unlike = new Set([...tests.filter(({ same }) => !same).map(({ test }) => test), ...answers.different]);
  const operations = operationsOf(a, b, unlike, metrics);
  const isStack = ({ metric }: ParityMetric) => STACK.test(metric);
  const isMemory = (metric: ParityMetric) => metric.unit === 'B' && !isStack(metric);
  const mean = (of: readonly ParityMetric[]) => geometricMean(of.map(({ ratio }) => ratio));
  return {
    ...{ a: a.name, b: b.name, tests, operations, answers, metrics },
    sameResults: share(tests, ({ same }) => same),
    asGood: share(
      metrics.filter(({ verdict }) => verdict !== 'unknown'),
      ({ verdict }) => verdict !== 'worse',
    ),
    performance: mean(metrics.filter(({ unit }) => unit !== 'B')),
    memory: mean(metrics.filter(isMemory)),
    stack: mean(metrics.filter(isStack)),
    sameOperations: share(operations, ({ same }) => same),
    differences: [
      ...tests.filter(({ same }) => !same).map(({ test, a: one, b: other }) => `${test}: ${one}, ${other}`),
      ...answers.different.map((test) => `${test}: not every call had the same answer`),
      ...operations
        .filter((each) => each.a === 0 || each.b === 0)
        .map(({ operation, b: calls }) => `${operation}: only ${calls === 0 ? a.name : b.name} was asked for it`),
      ...(pair?.onlyBefore ?? []).map((metric) => `${metric}: ${a.name} only`),
      ...(pair?.onlyAfter ?? []).map((metric) => `${metric}: ${b.name} only`),
      ...metrics
        .filter(({ verdict }) => verdict === 'worse' || verdict === 'better')
        .map(({ metric, ratio, verdict }) => `${metric}: ${verdict}, ${ratio.toFixed(2)} times as good`),
      ...(pair?.crashes ?? [])
        .filter(({ status }) => status !== 'known')
        .map(({ title, status }) => `${status === 'new' ? b.name : a.name} only: ${title}`),
    ],
  };
}

function metricOf({ metric, unit, better, before, after, ...row }: ComparisonRow, family: number): ParityMetric {
  const [a, b] = [before.median, after.median];
  const telling = leastP(Math.min(before.n, after.n)) * family < SIGNIFICANT;
  const verdict = telling ? row.verdict : 'unknown';
  return { ...{ metric, unit, a, b, verdict }, ratio: better === 'more' ? b / a : a / b };
}

function share<T>(all: readonly T[], holds: (one: T) => boolean): number | null {
  return all.length === 0 ? null : all.filter(holds).length / all.length;
}
