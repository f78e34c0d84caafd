import type { Bucket, Message } from '../bpftrace-wrapper/index.ts';
import type { LoadedMap } from './core-loader.ts';
import type { Probe, ProbeMap } from './probe.ts';

/** Makes of an object's maps what bpftrace would print of them; what the header does not name is bookkeeping. Keeps count of losses. */
export function mapMessages(probe: Probe): (maps: readonly LoadedMap[]) => Message[] {
  const lost = new Map<string, number>();
  return (maps) =>
    probe.maps.flatMap((declared): Message[] => {
      const map = maps.find(({ name }) => name === declared.name);
      if (!map) return [];
      if (declared.type !== 'lost') return [messageOf(declared, map)];
      const events = total(map) - (lost.get(map.name) ?? 0);
      lost.set(map.name, total(map));
      return events > 0 ? [{ kind: 'lost', events }] : [];
    });
}

function messageOf({ name, type, key }: ProbeMap, { entries }: LoadedMap): Message {
  const keyOf = (value: unknown) => (key.length === 0 ? null : keyText(value));
  if (type === 'hist') {
    return {
      kind: 'hist',
      name,
      entries: entries.map((entry) => ({ key: keyOf(entry.key), buckets: bucketsOf(entry.values) })),
    };
  }
  const merge = type === 'max' ? (values: readonly number[]) => Math.max(...values) : sum;
  return {
    kind: 'map',
    name,
    entries: entries.map((entry) => ({ key: keyOf(entry.key), value: merge(entry.values.map(Number)) })),
  };
}

/** Parts joined by commas, as bpftrace prints them. */
function keyText(key: unknown): string {
  return typeof key === 'object' && key !== null ? Object.values(key).map(String).join(',') : String(key);
}

/** Bucket n counts what takes n bits; those of all CPUs together. */
function bucketsOf(values: readonly unknown[]): Bucket[] {
  const buckets: Bucket[] = [];
  const copies = values.filter(Array.isArray);
  for (let bits = 0; bits < (copies[0]?.length ?? 0); bits++) {
    const count = sum(copies.map((copy) => Number(copy[bits])));
    if (count > 0) buckets.push({ min: bits === 0 ? 0 : 2 ** (bits - 1), max: bits === 0 ? 0 : 2 ** bits - 1, count });
  }
  return buckets;
}

function total({ entries }: LoadedMap): number {
  return sum(entries.flatMap(({ values }) => values.map(Number)));
}

function sum(values: readonly number[]): number {
  return values.reduce((all, value) => all + value, 0);
}
