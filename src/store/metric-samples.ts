import type { EventOf } from '../model/event.ts';
import type { Database } from './database.ts';
import { eventsOf } from './queries.ts';

/** A number of a metric event. */
export interface MetricSample {
  readonly run: string;
  readonly seq: number;
  readonly kind: string;
  readonly name: string;
  /** Where it stands in the values of the event: `{ read: { p99: 3 } }` is `read.p99`, a member of a list its place. */
  readonly label: string;
  /** Seconds since the start of the run; null where nobody said when. */
  readonly t: number | null;
  readonly value: number;
}

export interface MetricFilter {
  readonly kind?: string;
  readonly name?: string;
  /** All labels when absent. */
  readonly label?: string;
}

const MAX_DEPTH = 6;

/** The numbers of the metrics of a recording, in their order. They are read from the events, a page of which is in memory. */
export async function* metricSamples(
  database: Database,
  run: string,
  filter: MetricFilter = {},
): AsyncGenerator<MetricSample> {
  const { kind, name, label } = filter;
  for await (const body of eventsOf(database, run, {
    event: ['metric'],
    ...(kind !== undefined && { kind: [kind] }),
  })) {
    const event = parse(body);
    if (event !== undefined && (name === undefined || event.name === name))
      for (const sample of samplesOf(event, run)) if (label === undefined || sample.label === label) yield sample;
  }
}

/** Undefined where the file is damaged. */
function parse(body: string): EventOf<'metric'> | undefined {
  try {
    return JSON.parse(body) as EventOf<'metric'>;
  } catch {
    return undefined;
  }
}

function* samplesOf({ seq, kind, name, time, values }: EventOf<'metric'>, run: string): Generator<MetricSample> {
  const t = time.observed === undefined ? null : time.observed / 1e9;
  for (const [label, value] of numbersIn(values, '', 0)) yield { run, seq, kind, name, label, t, value };
}

function* numbersIn(value: unknown, label: string, depth: number): Generator<readonly [string, number]> {
  if (typeof value === 'number') yield [label, value];
  else if (typeof value === 'object' && value !== null && depth < MAX_DEPTH)
    for (const [key, each] of Object.entries(value))
      yield* numbersIn(each, label === '' ? key : `${label}.${key}`, depth + 1);
}
