import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { Event } from '../model/event.ts';
import { EventMeter, type Labels, type Meter } from './observe.ts';
import { LABELS, type Label, METRICS, type MetricName, type MetricRow, OTHER } from './table.ts';

/**
 * The metrics of src/metrics/table.ts, in a registry of their own, so that two of them in a process do not mix. Counters begin at 0 with
 * each, as those of a program that was started anew. `run` is for each run, its recordings and guests together.
 */
export class RunMetrics {
  readonly #registry = new Registry();
  readonly #metrics = new Map<MetricName, Counter | Gauge | Histogram>();

  constructor(version: string) {
    for (const [name, row] of Object.entries(METRICS) as [MetricName, MetricRow][])
      this.#metrics.set(name, this.#make(name, row));
    this.#meter.set('vexfs_trace_build_info', { version }, 1);
  }

  /** A run begins. `startMs`: since the epoch. */
  run(startMs: number): MeteredRun {
    const events = new EventMeter(this.#meter);
    this.#meter.move('vexfs_trace_runs_active', 1);
    this.#meter.set('vexfs_trace_run_start_timestamp_seconds', {}, startMs / 1000);
    let ended = false;
    return {
      event: (event, lane) => events.event(event, lane),
      alert: (severity, state) => this.#meter.count('vexfs_trace_alerts_total', { severity, state }),
      end: () => {
        if (ended) return;
        ended = true;
        events.end();
        this.#meter.move('vexfs_trace_runs_active', -1);
      },
    };
  }

  /** In the text format of Prometheus (version 0.0.4). */
  text(): Promise<string> {
    return this.#registry.metrics();
  }

  #make(name: MetricName, { type, help, labels, buckets = [] }: MetricRow): Counter | Gauge | Histogram {
    const options = { name, help, labelNames: [...labels], registers: [this.#registry] };
    if (type === 'histogram') return new Histogram({ ...options, buckets: [...buckets] });
    if (type === 'gauge') return new Gauge(options);
    const counter = new Counter(options);
    // What has been counted never is 0, so that its first increase shows.
    for (const series of seriesOf(labels)) counter.inc(series, 0);
    return counter;
  }

  readonly #meter: Meter = {
    count: (name, labels, by = 1) => (this.#metrics.get(name) as Counter).inc(bounded(labels), by),
    move: (name, by) => (this.#metrics.get(name) as Gauge).inc(by),
    set: (name, labels, value) => (this.#metrics.get(name) as Gauge).set(bounded(labels), value),
    observe: (name, labels, value) => (this.#metrics.get(name) as Histogram).observe(bounded(labels), value),
  };
}

export interface MeteredRun {
  /** `lane`: which guest of several it is of, such as `guest-2`. */
  event(event: Event, lane?: string): void;
  alert(severity: string, state: 'firing' | 'resolved'): void;
  end(): void;
}

/** Every value that its label does not know is `other`. */
function bounded(labels: Labels): Record<string, string> {
  return Object.fromEntries(
    Object.entries(labels).map(([label, value]) => {
      const known: readonly string[] | undefined = LABELS[label as keyof typeof LABELS];
      return [label, known === undefined || known.includes(value) ? value : OTHER];
    }),
  );
}

/** As many series of a counter are there from the beginning; of more of them most would never be used. */
const MAX_READY = 24;

/** All combinations of the values of labels; none where they are too many. */
function seriesOf(labels: readonly Label[]): readonly Record<string, string>[] {
  const valuesOf = (label: Label): readonly string[] => LABELS[label] ?? [];
  if (labels.reduce((product, label) => product * valuesOf(label).length, 1) > MAX_READY) return [];
  return labels.reduce<Record<string, string>[]>(
    (all, label) => all.flatMap((series) => valuesOf(label).map((value) => ({ ...series, [label]: value }))),
    [{}],
  );
}
