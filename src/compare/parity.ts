import type { Comparison, ComparisonRow, Parity, ParityMetric } from '../model/comparison.ts';
import type { Side } from '../model/measured-run.ts';
import { verdicts } from './changes.ts';
import { SIGNIFICANT } from './compare.ts';
import { leastP } from './notes.ts';

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
  const isMemory = ({ unit }: { readonly unit: string }) => unit === 'B';
  return {
    ...{ a: a.name, b: b.name, tests, metrics },
    sameResults: share(tests, ({ same }) => same),
    asGood: share(
      metrics.filter(({ verdict }) => verdict !== 'unknown'),
      ({ verdict }) => verdict !== 'worse',
    ),
    performance: geometricMean(metrics.filter((metric) => !isMemory(metric))),
    memory: geometricMean(metrics.filter(isMemory)),
    differences: [
      ...tests.filter(({ same }) => !same).map(({ test, a: one, b: other }) => `${test}: ${one}, ${other}`),
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

function geometricMean(metrics: readonly ParityMetric[]): number | null {
  const ratios = metrics.map(({ ratio }) => ratio).filter((ratio) => Number.isFinite(ratio) && ratio > 0);
  if (ratios.length === 0) return null;
  return Math.exp(ratios.reduce((sum, ratio) => sum + Math.log(ratio), 0) / ratios.length);
}
