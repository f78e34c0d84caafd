import type { MeasuredRun } from '../model/measured-run.ts';
import type { MetricTrend, Outlier, Trend, TrendPoint } from '../model/trend.ts';
import { betweenRuns, machineOf } from './changes.ts';
import { SIGNIFICANT } from './compare.ts';
import { holm } from './holm.ts';
import { type Metric, metricsOf } from './metrics.ts';
import { ascending, medianOf } from './order.ts';
import { changePoint, mannKendall, theilSen } from './trend.ts';

/** Fewer runs have no trend. */
const LEAST = 4;
const DAY_MS = 86_400_000;
/** A duration is out of the usual at so many times the median of the runs before, of which there are so many at least. */
const TIMES = 2;
const LEAST_BEFORE = 3;
const LEAST_MS = 100;

/**
 * How metrics went over runs: of each a series with its slope and a test that asks for no distribution, the place where its level changed,
 * and runs in which something took over twice as long. `runs`: in the order of time; their names are told. Figures of another machine than
 * that of the last run are left out.
 */
export function trendOf(runs: readonly MeasuredRun[], wanted: (metric: string) => boolean = () => true): Trend {
  const last = runs.at(-1);
  const same = runs.filter((run) => last !== undefined && machineOf(run) === machineOf(last));
  const series = seriesOf(same, wanted);
  const raw = series.map(({ metric, points }) => rawTrend(metric, points, same));
  const corrected = holm(raw.map(({ p }) => p));
  const steps = holm(raw.map(({ stepP }) => stepP));
  return {
    ...{ runs: same.length, from: same[0]?.started ?? '', to: last?.started ?? '' },
    otherMachines: runs.length - same.length,
    metrics: raw
      .map((trend, i) => judged(trend, corrected[i] ?? 1, steps[i] ?? 1))
      .toSorted((a, b) => RANK[a.verdict] - RANK[b.verdict] || a.p - b.p),
    outliers: series.flatMap(({ metric, points }) => outliersIn(metric, points)),
  };
}

const RANK: Readonly<Record<MetricTrend['verdict'], number>> = { worse: 0, better: 1, steady: 2 };

interface Series {
  readonly metric: Omit<Metric, 'samples'>;
  readonly points: readonly TrendPoint[];
}

function seriesOf(runs: readonly MeasuredRun[], wanted: (metric: string) => boolean): Series[] {
  const all = new Map<string, Series & { readonly points: TrendPoint[] }>();
  for (const run of runs)
    for (const { samples, ...metric } of metricsOf({ name: run.name, runs: [run] }).values()) {
      if (!wanted(metric.name)) continue;
      const known = all.get(metric.name) ?? { metric, points: [] };
      all.set(metric.name, known);
      known.points.push({ run: run.name, started: run.started, value: medianOf(ascending(samples)) });
    }
  return [...all.values()].filter(({ points }) => points.length >= LEAST);
}

type RawTrend = Omit<MetricTrend, 'verdict' | 'step'> & {
  readonly tau: number;
  readonly stepP: number;
  readonly step: MetricTrend['step'] | undefined;
};

function rawTrend(metric: Series['metric'], points: readonly TrendPoint[], runs: readonly MeasuredRun[]): RawTrend {
  const values = points.map(({ value }) => value);
  const median = medianOf(ascending(values));
  const { tau, p } = mannKendall(values);
  const slope = theilSen(points.map(({ started, value }) => [Date.parse(started) / DAY_MS, value] as const));
  const { at, p: stepP } = changePoint(values);
  const [before, after] = [points[at - 1], points[at]];
  const ratio = medianOf(ascending(values.slice(at))) / medianOf(ascending(values.slice(0, at))) - 1;
  const between = before && after && betweenRuns(runs, before.run, after.run);
  return {
    ...{ metric: metric.name, unit: metric.unit, better: metric.better, points, median, tau, p, stepP },
    slope: Number.isFinite(slope) && median !== 0 ? slope / median : 0,
    step: between === undefined || !Number.isFinite(ratio) ? undefined : { ...between, ratio },
  };
}

function judged({ tau, stepP: _, step, ...trend }: RawTrend, p: number, stepP: number): MetricTrend {
  const moves = p < SIGNIFICANT && tau !== 0;
  const grows = tau > 0;
  const stepped = stepP < SIGNIFICANT && step !== undefined && step.ratio !== 0;
  const bad = (up: boolean) => up === (trend.better === 'less');
  const verdict = moves
    ? bad(grows)
      ? 'worse'
      : 'better'
    : stepped
      ? bad(step.ratio > 0)
        ? 'worse'
        : 'better'
      : 'steady';
  return { ...trend, p, verdict, ...(verdict !== 'steady' && step !== undefined && { step }) };
}

function outliersIn({ name, unit }: Series['metric'], points: readonly TrendPoint[]): Outlier[] {
  if (unit !== 'ms') return [];
  return points.flatMap(({ run, value }, i) => {
    const before = points.slice(0, i).map((point) => point.value);
    if (before.length < LEAST_BEFORE || value < LEAST_MS) return [];
    const usual = medianOf(ascending(before));
    return value > TIMES * usual ? [{ run, metric: name, value, usual }] : [];
  });
}
