import type { MetricSample } from '../store/metric-samples.ts';
import { table } from './store-text.ts';

interface Series {
  readonly kind: string;
  readonly name: string;
  readonly label: string;
  count: number;
  sum: number;
  least: number;
  most: number;
  last: number;
}

/** Labels come from guests. */
const MAX_SERIES = 2000;

/** A row for each series: how many samples, least, mean, most and last. */
export async function metricsText(samples: AsyncIterable<MetricSample>): Promise<string> {
  const all = new Map<string, Series>();
  let more = false;
  for await (const sample of samples) {
    const key = JSON.stringify([sample.kind, sample.name, sample.label]);
    const series = all.get(key);
    if (series !== undefined) add(series, sample.value);
    else if (all.size < MAX_SERIES) all.set(key, begin(sample));
    else more = true;
  }
  if (all.size === 0) return '';
  const rows = [...all.values()].map((each) => [
    ...[each.kind, each.name, each.label, String(each.count)],
    ...[each.least, each.sum / each.count, each.most, each.last].map((value) => String(Number(value.toPrecision(6)))),
  ]);
  const text = table([['kind', 'name', 'label', 'samples', 'least', 'mean', 'most', 'last'], ...rows]);
  return more ? `${text}(there are more than ${MAX_SERIES}: choose with --name and --label)\n` : text;
}

function begin({ kind, name, label, value }: MetricSample): Series {
  return { kind, name, label, count: 1, sum: value, least: value, most: value, last: value };
}

function add(series: Series, value: number): void {
  series.count += 1;
  series.sum += value;
  series.least = Math.min(series.least, value);
  series.most = Math.max(series.most, value);
  series.last = value;
}
