import type { EventOf } from '../model/event.ts';
import { Buckets } from './buckets.ts';

export type Point = readonly [seconds: number, value: number];

/** A curve: its name and points by time. */
export interface Curve {
  readonly name: string;
  readonly points: readonly Point[];
}

/** How long operations took in all, microseconds. */
export interface LatencyRow {
  readonly name: string;
  readonly count: number;
  readonly median: number;
  readonly p99: number;
  readonly worst: number;
}

/** What is drawn. */
export interface Metrics {
  /** Events a second. */
  readonly events: readonly Curve[];
  /** Percent, of host and guest. */
  readonly cpu: readonly Curve[];
  readonly memory: readonly Curve[];
  /** Bytes a second. */
  readonly disk: readonly Curve[];
  /** Operations a second, as probes counted them. */
  readonly rates: readonly Curve[];
  /** Percentiles of operations by time, microseconds. */
  readonly latencies: readonly Curve[];
  /** Of the whole run, slowest in all first. */
  readonly operations: readonly LatencyRow[];
  readonly waits: readonly LatencyRow[];
}

type Chart = Exclude<keyof Metrics, 'operations' | 'waits'>;

/** Members of the values of a resource metric, and in which chart they are drawn. */
const RESOURCES = [
  ['cpuPercent', 'cpu', ''],
  ['memoryPercent', 'memory', ''],
  ['diskRead', 'disk', ' read'],
  ['diskWritten', 'disk', ' written'],
] as const;

/** Histogram of how long operations of the module take (probes/), cumulative, nanoseconds. */
const OPERATIONS = '@vexfs_op_ns';
const MAX_ROWS = 24;
const MAX_CURVES = 16;

/** Makes curves of metrics as they go by. Values come from guests: what has not the form that is known is passed over. */
export class MetricCollector {
  readonly #charts: Readonly<Record<Chart, Map<string, Buckets>>> = {
    ...{ events: new Map(), cpu: new Map(), memory: new Map() },
    ...{ disk: new Map(), rates: new Map(), latencies: new Map() },
  };
  #operations: readonly LatencyRow[] = [];
  #waits: readonly LatencyRow[] = [];
  #last: { readonly at: number; readonly counts: Histogram } | undefined;

  tick(at: number): void {
    this.#add('events', 'all events', at, 1);
  }

  metric({ kind, name, values }: EventOf<'metric'>, at: number): void {
    if (kind === 'resource' && isRecord(values)) this.#resource(name, values, at);
    else if (kind === 'latency' && name === 'operations') this.#operations = latencyRows(values);
    else if (kind === 'latency' && name === 'waits') this.#waits = latencyRows(values);
    else if (kind === 'hist' && name === OPERATIONS) this.#histogram(histogramOf(values), at);
  }

  metrics(): Metrics {
    const means = (chart: Chart) => curvesOf(this.#charts[chart], 'means');
    return {
      events: curvesOf(this.#charts.events, 'rates'),
      ...{ cpu: means('cpu'), memory: means('memory'), disk: means('disk') },
      ...{ rates: means('rates'), latencies: means('latencies') },
      operations: this.#operations,
      waits: this.#waits,
    };
  }

  #resource(name: string, values: Readonly<Record<string, unknown>>, at: number): void {
    for (const [member, chart, suffix] of RESOURCES) {
      const value = values[member];
      if (typeof value === 'number') this.#add(chart, `${name}${suffix}`, at, value);
    }
  }

  /** What came since the last time; a histogram that went back begins anew. */
  #histogram(counts: Histogram, at: number): void {
    const before = this.#last;
    this.#last = { at, counts };
    if (before === undefined || at <= before.at || total(counts) <= total(before.counts)) return;
    const fresh: Histogram = new Map(
      [...counts].map(([value, count]) => [value, Math.max(0, count - (before.counts.get(value) ?? 0))]),
    );
    this.#add('rates', 'operations', at, total(fresh) / (at - before.at));
    this.#add('latencies', 'median', at, quantile(fresh, 0.5) / 1000);
    this.#add('latencies', 'p99', at, quantile(fresh, 0.99) / 1000);
  }

  #add(chart: Chart, name: string, at: number, value: number): void {
    const curves = this.#charts[chart];
    const curve = curves.get(name) ?? new Buckets();
    if (!curves.has(name) && curves.size >= MAX_CURVES) return;
    curves.set(name, curve);
    curve.add(at, value);
  }
}

function curvesOf(curves: ReadonlyMap<string, Buckets>, how: 'means' | 'rates'): Curve[] {
  return [...curves].map(([name, buckets]) => ({ name, points: buckets[how]() }));
}

/** Upper end of a bucket, and how many fell into it. */
type Histogram = Map<number, number>;

function histogramOf(values: unknown): Histogram {
  const counts: Histogram = new Map();
  for (const row of Array.isArray(values) ? values : [])
    for (const bucket of isRecord(row) && Array.isArray(row.buckets) ? row.buckets : [])
      if (isRecord(bucket) && typeof bucket.max === 'number' && typeof bucket.count === 'number')
        counts.set(bucket.max, (counts.get(bucket.max) ?? 0) + bucket.count);
  return counts;
}

function total(counts: Histogram): number {
  let sum = 0;
  for (const count of counts.values()) sum += count;
  return sum;
}

/** Upper end of the bucket in which the quantile lies. */
function quantile(counts: Histogram, q: number): number {
  const wanted = total(counts) * q;
  let sum = 0;
  let last = 0;
  for (const [value, count] of [...counts].sort(([a], [b]) => a - b)) {
    sum += count;
    last = value;
    if (sum >= wanted) break;
  }
  return last;
}

function latencyRows(values: unknown): LatencyRow[] {
  if (!isRecord(values)) return [];
  return Object.entries(values)
    .slice(0, MAX_ROWS)
    .flatMap(([name, row]) => {
      const { count, median, p99, worst } = isRecord(row) ? row : {};
      return isNumber(count) && isNumber(median) && isNumber(p99) && isNumber(worst)
        ? [{ name, count, median, p99, worst }]
        : [];
    });
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
