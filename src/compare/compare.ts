import { seedFor } from '../base/random.ts';
import type { Comparison, ComparisonRow, PairComparison } from '../model/comparison.ts';
import type { Side } from '../model/measured-run.ts';
import { anomaliesOf } from './anomalies.ts';
import { ratioInterval } from './bootstrap.ts';
import { changesOf, unlikeOf, verdictsOf } from './changes.ts';
import { crashesOf } from './crashes.ts';
import { breachesOf, type Gate } from './gate.ts';
import { holm } from './holm.ts';
import { mannWhitney } from './mann-whitney.ts';
import { type Metric, metricsOf } from './metrics.ts';
import { notesOf } from './notes.ts';
import { ascending, medianOf, spreadOf } from './order.ts';

export interface CompareOptions {
  /** Which metrics; all when absent. */
  readonly wanted?: (metric: string) => boolean;
  readonly gate?: Gate;
  /** Of the bootstrap. */
  readonly seed?: number;
  /** How often the bootstrap draws; fewer where there are very many values. */
  readonly rounds?: number;
}

/** What counts as a change in the table; a gate has a limit of its own. */
export const SIGNIFICANT = 0.05;
const ROUNDS = 2000;
/** Values drawn for all intervals together: hostile sizes must not take minutes. */
const DRAWS = 4e7;

type RawRow = Omit<ComparisonRow, 'p' | 'verdict'>;

/**
 * Sets runs beside a baseline. Each metric that both sides have is a row; p is corrected over all rows of all pairs, so that the chance
 * of one false alarm in the whole of it is below the limit.
 */
export function compareSides(baseline: Side, others: readonly Side[], options: CompareOptions = {}): Comparison {
  const { wanted = () => true, gate, seed = 1 } = options;
  const before = metricsOf(baseline);
  const sides = others.map((side) => ({ side, after: metricsOf(side) }));
  const shared = sides.map(({ after }) =>
    [...before.values()].flatMap((metric) => {
      const other = after.get(metric.name);
      return other !== undefined && wanted(metric.name) ? [[metric, other] as const] : [];
    }),
  );
  const rounds = Math.min(options.rounds ?? ROUNDS, roundsFor(shared.flat()));
  const raw = shared.map((pairs) => pairs.map(([old, fresh]) => rawRow(old, fresh, seed, rounds)));
  const corrected = holm(raw.flat().map(({ pRaw }) => pRaw));
  let next = 0;
  const pairs = sides.map(({ side, after }, at): PairComparison => {
    const rows = (raw[at] ?? []).map((row) => judged(row, corrected[next++] ?? 1));
    const without = (a: ReadonlyMap<string, Metric>, b: ReadonlyMap<string, Metric>) =>
      [...a.keys()].filter((name) => !b.has(name) && wanted(name));
    return {
      against: side.name,
      rows,
      onlyBefore: without(before, after),
      onlyAfter: without(after, before),
      unlike: unlikeOf(baseline, side),
      changes: changesOf(baseline, side),
      verdicts: verdictsOf(baseline, side),
      crashes: crashesOf(baseline, side),
      anomalies: anomaliesOf(baseline, side),
      breaches: gate === undefined ? [] : breachesOf(gate, rows),
      notes: notesOf(baseline, side, shared[at] ?? [], corrected.length),
    };
  });
  return { baseline: baseline.name, pairs };
}

function rawRow(old: Metric, fresh: Metric, seed: number, rounds: number): RawRow {
  const { name, unit, better } = old;
  const [before, after] = [ascending(old.samples), ascending(fresh.samples)];
  const delta = deltaOf(medianOf(after) / medianOf(before));
  const [low, high] = ratioInterval(before, after, seedFor(seed, name), rounds);
  const interval = [deltaOf(low), deltaOf(high)] as const;
  return {
    ...{ metric: name, unit, better, delta, interval },
    before: { n: before.length, median: medianOf(before), spread: spreadOf(before) },
    after: { n: after.length, median: medianOf(after), spread: spreadOf(after) },
    worse: better === 'less' ? delta : -delta,
    worseAtLeast: better === 'less' ? interval[0] : -interval[1],
    pRaw: mannWhitney(before, after).p,
  };
}

/** From nothing to nothing is no change. */
function deltaOf(ratio: number): number {
  return Number.isNaN(ratio) ? 0 : ratio - 1;
}

function judged(row: RawRow, p: number): ComparisonRow {
  const verdict = p >= SIGNIFICANT || row.delta === 0 ? 'same' : row.worse > 0 ? 'worse' : 'better';
  return { ...row, p, verdict };
}

function roundsFor(pairs: readonly (readonly [Metric, Metric])[]): number {
  const values = pairs.reduce((sum, [a, b]) => sum + a.samples.length + b.samples.length, 0);
  return Math.max(100, Math.min(ROUNDS, Math.floor(DRAWS / Math.max(1, values))));
}
