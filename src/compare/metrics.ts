import type { Direction } from '../model/comparison.ts';
import type { MeasuredRun, MeasuredTest, Side } from '../model/measured-run.ts';
import { ascending, medianOf } from './order.ts';

/** Something that was measured, several times. */
export interface Metric {
  readonly name: string;
  readonly unit: string;
  readonly better: Direction;
  /** In the order in which they were measured; finite, 0 or more. */
  readonly samples: readonly number[];
}

/** More than that is no run of ours. */
const MAX_METRICS = 2000;
const MAX_SAMPLES = 10_000;
/** Of each part of a name. */
const MAX_NAME = 80;
/** From so many runs a side on, a run is a sample: what differs from boot to boot must not pass for many independent values. */
export const RUNS_AS_SAMPLES = 4;

const QUANTILES = ['mean', 'p50', 'p95', 'p99'] as const;

/** What the end of a figure's name says of it. */
const SUFFIXES: readonly (readonly [end: string, unit: string, better: Direction])[] = [
  ['-per-minute', '/min', 'more'],
  ['-per-second', '/s', 'more'],
  ['-bytes', 'B', 'less'],
  ['-grown', 'B', 'less'],
  ['-ms', 'ms', 'less'],
];

type Add = (name: string, unit: string, better: Direction, value: unknown) => void;

/** All that a side measured, by name. Of many runs the median of each is a sample, else every value is. */
export function metricsOf({ runs }: Side): Map<string, Metric> {
  const byRun = runs.map(runMetrics);
  const all = new Map<string, Metric & { readonly samples: number[] }>();
  for (const metrics of byRun)
    for (const metric of metrics.values()) {
      const values = runs.length >= RUNS_AS_SAMPLES ? [medianOf(ascending(metric.samples))] : metric.samples;
      const known = all.get(metric.name);
      if (known === undefined) all.set(metric.name, { ...metric, samples: [...values] });
      else if (known.samples.length < MAX_SAMPLES) known.samples.push(...values);
    }
  return all;
}

function runMetrics({ tests }: MeasuredRun): Map<string, Metric> {
  const metrics = new Map<string, Metric & { readonly samples: number[] }>();
  const add: Add = (name, unit, better, value) => {
    if (typeof value !== 'number' || !Number.isFinite(value) || value < 0) return;
    const known = metrics.get(name);
    if (known !== undefined) {
      if (known.samples.length < MAX_SAMPLES) known.samples.push(value);
    } else if (metrics.size < MAX_METRICS) metrics.set(name, { name, unit, better, samples: [value] });
  };
  for (const test of tests) {
    for (const { classification, beyondBootMs } of test.incidents)
      add(`recovery/${short(classification)}`, 'ms', 'less', beyondBootMs);
    // What failed or was left out has not measured what it should.
    if (test.verdict === 'PASS' || test.verdict === 'DONE') addTest(test, add);
  }
  return metrics;
}

function addTest(test: MeasuredTest, add: Add): void {
  const name = short(testName(test));
  const { figures } = test;
  // A program that works by the clock takes as long as it was told to.
  if (!('rate' in figures)) add(`${name}/duration`, 'ms', 'less', test.durationMs);
  for (const [figure, value] of Object.entries(figures)) {
    if (figure === 'rate') add(`${name}/rate`, '/s', 'more', value);
    if (figure === 'latencyUs') addLatencies(name, value, add);
    const suffix = SUFFIXES.find(([end]) => figure.endsWith(end));
    if (suffix !== undefined) add(`${name}/${short(figure.slice(0, -suffix[0].length))}`, suffix[1], suffix[2], value);
  }
}

/** Latencies as vexcheck says them (kmod/README.md): `{"write":{"count":…,"p50":…,…},…}` in microseconds. */
function addLatencies(test: string, value: unknown, add: Add): void {
  if (typeof value !== 'object' || value === null) return;
  for (const [operation, latencies] of Object.entries(value)) {
    if (typeof latencies !== 'object' || latencies === null) continue;
    for (const quantile of QUANTILES)
      if (enough(quantile, (latencies as { count?: unknown }).count))
        add(`${test}/${short(operation)}/${quantile}`, 'µs', 'less', (latencies as Record<string, unknown>)[quantile]);
  }
}

/** Of fewer calls a quantile is the greatest of them, and a mean what one of them was. */
const LEAST_CALLS = { mean: 20, p50: 20, p95: 100, p99: 500 } as const satisfies Record<
  (typeof QUANTILES)[number],
  number
>;

function enough(quantile: (typeof QUANTILES)[number], count: unknown): boolean {
  return typeof count !== 'number' || count >= LEAST_CALLS[quantile];
}

/** Without the round: `speed.3` is a repetition of `speed`. */
export function testName({ id }: { readonly id: string }): string {
  const dot = id.lastIndexOf('.');
  return dot > 0 && isNumber(id.slice(dot + 1)) ? id.slice(0, dot) : id;
}

function isNumber(text: string): boolean {
  return text.length > 0 && text.length < 10 && !Number.isNaN(Number(text));
}

function short(name: string): string {
  return name.slice(0, MAX_NAME);
}
