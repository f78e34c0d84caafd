import type { ProbeItem } from '../../model/dashboard.ts';
import type { EventOf } from '../../model/event.ts';

type Row = ProbeItem['rows'][number];

const MAX_PROBES = 48;
const MAX_ROWS = 40;
const MAX_BUCKETS = 80;
const MAX_KEY = 120;

/** What probes have counted last, by their names. Values come from guests: what has not the form that is known is passed over. */
export class ProbeTables {
  readonly #probes = new Map<string, ProbeItem>();

  metric({ kind, name, values }: EventOf<'metric'>): void {
    if ((kind !== 'hist' && kind !== 'map') || !Array.isArray(values)) return;
    if (!this.#probes.has(name) && this.#probes.size >= MAX_PROBES) return;
    const rows = values.flatMap((row) => rowOf(row) ?? []);
    rows.sort((a, b) => weight(b) - weight(a));
    this.#probes.set(name, { name, kind, rows: rows.slice(0, MAX_ROWS) });
  }

  items(): readonly ProbeItem[] {
    return [...this.#probes.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }
}

function rowOf(row: unknown): Row | undefined {
  if (!isRecord(row)) return undefined;
  const key = (typeof row.key === 'string' ? row.key : row.key === null ? '' : JSON.stringify(row.key)).slice(
    0,
    MAX_KEY,
  );
  if (typeof row.value === 'number') return { key, value: row.value };
  if (!Array.isArray(row.buckets)) return undefined;
  const buckets = row.buckets.slice(0, MAX_BUCKETS).flatMap((bucket) => {
    const { min, max, count } = isRecord(bucket) ? bucket : {};
    return typeof count === 'number' ? [{ min: numberOrNull(min), max: numberOrNull(max), count }] : [];
  });
  return { key, buckets };
}

function weight({ value, buckets }: Row): number {
  return value ?? buckets?.reduce((sum, { count }) => sum + count, 0) ?? 0;
}

function numberOrNull(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
