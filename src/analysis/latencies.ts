import { BoundedMap } from './bounded.ts';
import { Histogram } from './histogram.ts';

/** How long something took, all of it together; microseconds where nothing else is said. */
export interface Latency {
  readonly count: number;
  readonly totalMs: number;
  readonly median: number;
  readonly p99: number;
  readonly worst: number;
}
export interface LatencySummary {
  /** By name, from begin to end. */
  readonly operations: Readonly<Record<string, Latency>>;
  /** By class, from attempt to acquisition, and from there to the release. */
  readonly waits: Readonly<Record<string, Latency>>;
  readonly holds: Readonly<Record<string, Latency>>;
}
export type Measured = keyof LatencySummary;

const MAX_NAMES = 256;

/** How long operations take, and how long locks are waited for and held. Memory is bounded. */
export class Latencies {
  readonly #all: Readonly<Record<Measured, BoundedMap<string, Histogram>>> = {
    operations: new BoundedMap(MAX_NAMES),
    waits: new BoundedMap(MAX_NAMES),
    holds: new BoundedMap(MAX_NAMES),
  };

  add(what: Measured, name: string, nanoseconds: number): void {
    const known = this.#all[what].get(name);
    const histogram = known ?? new Histogram();
    if (known === undefined) this.#all[what].set(name, histogram);
    histogram.add(nanoseconds);
  }

  /** What took longest in all comes first. */
  summary(): LatencySummary {
    const of = (what: Measured) =>
      Object.fromEntries(
        [...this.#all[what].entries()]
          .sort(([, a], [, b]) => b.total - a.total)
          .map(([name, histogram]) => [name, latencyOf(histogram)]),
      );
    return { operations: of('operations'), waits: of('waits'), holds: of('holds') };
  }
}

function latencyOf(histogram: Histogram): Latency {
  const microseconds = (value: number) => Math.round(value / 10) / 100;
  return {
    count: histogram.count,
    totalMs: Math.round(histogram.total / 1e4) / 100,
    median: microseconds(histogram.percentile(50)),
    p99: microseconds(histogram.percentile(99)),
    worst: microseconds(histogram.worst),
  };
}
