import type { MapDeclaration, MapKind } from './map-declaration.ts';
import { type Field, type KeyLayout, keyLayout } from './map-layout.ts';
import type { KernelMap, RawEntry, RawMap } from './map-source.ts';
import type { Bucket, Int, MapEntry, MessageOf, StatsEntry, Value } from './message.ts';

/** A map as `print` would have it, but in no order; or why it cannot be told. */
export type MapRead =
  | { readonly message: MessageOf<'map' | 'hist' | 'lhist' | 'stats'> }
  | { readonly problem: string };

/** Bytes of a map of the kernel to what the program means by them. Never throws. */
export function decodeMap(declaration: MapDeclaration, map: KernelMap, raw: RawMap): MapRead {
  const { name, kind, value } = declaration;
  const cut = raw.cut ? { cut: true as const } : {};
  const twoEntries = (kind === 'avg' || kind === 'stats') && map.valueSize === 8;
  const layout = keyLayout(declaration, map.keySize - (twoEntries ? 8 : 0));
  if (!layout) return { problem: `the key of ${name} (${map.keySize} bytes) cannot be told from the program` };
  if (kind === 'value' && value === 'opaque')
    return { problem: `the value of ${name} cannot be told from the program` };
  const groups = group(layout, raw.entries);
  if (kind === 'hist' || kind === 'lhist') {
    const entries = groups.map(({ key, parts, entries }) => ({
      ...{ key, ...parts },
      buckets: buckets(
        declaration,
        entries.map((entry): [number, bigint] => [Number(int(entry.key, indexAt(layout))), total(entry)]),
      ),
    }));
    return { message: { kind, name, entries: entries.filter((entry) => entry.buckets.length > 0), ...cut } };
  }
  if (kind === 'avg' || kind === 'stats') {
    const read = twoEntries ? sumsOfTwo : sumsOfOne;
    const entries = groups.flatMap(({ key, parts, entries }) => statsEntry(kind, key, parts, read(entries)));
    return { message: { kind: 'stats', name, entries, ...cut } };
  }
  const entries: MapEntry[] = groups.flatMap(({ key, parts, entries }) =>
    entries.flatMap((entry) => {
      const read = kind === 'value' ? plain(declaration, entry) : AGGREGATES[kind](entry, value === 'uint64');
      return read === null ? [] : [{ key, ...parts, value: read }];
    }),
  );
  return { message: { kind: 'map', name, entries, ...cut } };
}

interface Group {
  readonly key: string | null;
  readonly parts: { parts?: readonly Value[] };
  readonly entries: RawEntry[];
}

/** Entries of one key: buckets of a histogram, count and sum. */
function group(layout: KeyLayout, raw: readonly RawEntry[]): Group[] {
  const groups = new Map<string, Group>();
  for (const entry of raw) {
    const bytes = entry.key.toString('latin1', 0, layout.size);
    const known = groups.get(bytes);
    if (known) known.entries.push(entry);
    else {
      const parts = layout.fields.map((field) => fieldOf(entry.key, field));
      const keyed = parts.length > 0;
      groups.set(bytes, { key: keyed ? parts.join(',') : null, parts: keyed ? { parts } : {}, entries: [entry] });
    }
  }
  return [...groups.values()];
}

type Aggregate = Exclude<MapKind, 'avg' | 'stats' | 'hist' | 'lhist' | 'value'>;

const AGGREGATES: Readonly<Record<Aggregate, (entry: RawEntry, unsigned: boolean) => Int | null>> = {
  count: (entry) => narrow(total(entry)),
  sum: (entry, unsigned) => narrow(unsigned ? BigInt.asUintN(64, total(entry)) : total(entry)),
  min: (entry, unsigned) => extreme(entry, unsigned, (a, b) => a < b),
  max: (entry, unsigned) => extreme(entry, unsigned, (a, b) => a > b),
};

/** 0.23 keeps a value and whether it is set; 0.17 the value, of min() its difference to 2^32 - 1. */
function extreme(entry: RawEntry, unsigned: boolean, better: (a: bigint, b: bigint) => boolean): Int | null {
  const isMin = better(0n, 1n);
  const marked = entry.values.some((value) => value.length >= 16);
  if (!marked && isMin) {
    const most = entry.values.map((value) => int(value, at(0, 8))).reduce((a, b) => (a > b ? a : b), 0n);
    return narrow(most === 0n ? 0n : 0xffffffffn - most);
  }
  const set = entry.values.filter((value) => !marked || int(value, at(8, 4)) !== 0n);
  const [start, ...others] = set.map((value) => int(value, at(0, 8, unsigned)));
  return start === undefined ? null : narrow(others.reduce((a, b) => (better(b, a) ? b : a), start));
}

interface Sums {
  readonly count: bigint;
  readonly total: bigint;
}

function sumsOfOne(entries: readonly RawEntry[]): Sums {
  const values = entries.flatMap((entry) => entry.values);
  const sum = (field: Field) => values.reduce((all, value) => all + int(value, field), 0n);
  return { total: sum(at(0, 8)), count: sum(at(8, 8)) };
}

/** The entry with 0 behind the key counts, the one with 1 adds up. */
function sumsOfTwo(entries: readonly RawEntry[]): Sums {
  const of = (wanted: bigint) =>
    entries
      .filter((entry) => int(entry.key, at(entry.key.length - 8, 8)) === wanted)
      .reduce((all, entry) => all + total(entry), 0n);
  return { count: of(0n), total: of(1n) };
}

function statsEntry(kind: 'avg' | 'stats', key: string | null, parts: Group['parts'], sums: Sums): StatsEntry[] {
  if (sums.count === 0n) return [];
  const average = narrow(sums.total / sums.count);
  const { count, total } = { count: narrow(sums.count), total: narrow(sums.total) };
  return [
    kind === 'avg' ? { key, ...parts, count: null, average, total: null } : { key, ...parts, count, average, total },
  ];
}

function plain({ value }: MapDeclaration, entry: RawEntry): Value | null {
  const bytes = entry.values[0];
  if (!bytes) return null;
  const width = bytes.length;
  const isText = value === 'comm' || value === 'text' || ![1, 2, 4, 8].includes(width);
  return fieldOf(bytes, { offset: 0, size: width, form: isText ? 'text' : value === 'uint64' ? 'unsigned' : 'signed' });
}

/** From the lowest to the highest bucket that has something in it, as bpftrace prints them. */
function buckets({ linear }: MapDeclaration, counts: readonly (readonly [number, bigint])[]): Bucket[] {
  const filled = new Map(counts.filter(([index, count]) => count > 0n && index >= 0 && index < MAX_BUCKETS));
  if (filled.size === 0) return [];
  const low = Math.min(...filled.keys());
  const high = Math.max(...filled.keys());
  return Array.from({ length: high - low + 1 }, (_, i) => ({
    ...(linear ? linearBounds(linear, low + i) : powerBounds(low + i)),
    count: narrow(filled.get(low + i) ?? 0n),
  }));
}

/** lhist() allows a thousand (src/ast/passes/semantic_analyser.cpp). */
const MAX_BUCKETS = 1024;

function powerBounds(index: number): Pick<Bucket, 'min' | 'max'> {
  if (index === 0) return { min: null, max: -1 };
  if (index === 1) return { min: 0, max: 0 };
  const min = 1n << BigInt(index - 2);
  return { min: narrow(min), max: narrow(min * 2n - 1n) };
}

function linearBounds(
  [low, high, width]: readonly [bigint, bigint, bigint],
  index: number,
): Pick<Bucket, 'min' | 'max'> {
  if (index === 0) return { min: null, max: narrow(low - 1n) };
  const min = low + BigInt(index - 1) * width;
  return min >= high ? { min: narrow(high), max: null } : { min: narrow(min), max: narrow(min + width - 1n) };
}

const indexAt = (layout: KeyLayout): Field => at(layout.size, 8);
const at = (offset: number, size: number, unsigned = false): Field => ({
  offset,
  size,
  form: unsigned ? 'unsigned' : 'signed',
});

function total(entry: RawEntry): bigint {
  return entry.values.reduce((sum, value) => sum + int(value, at(0, 8)), 0n);
}

const UTF8 = new TextDecoder('utf-8', { fatal: false, ignoreBOM: true });

function fieldOf(bytes: Buffer, field: Field): Int | string {
  if (field.form === 'address') return `0x${BigInt.asUintN(64, int(bytes, field)).toString(16)}`;
  if (field.form !== 'text') return narrow(int(bytes, field));
  const text = bytes.subarray(field.offset, field.offset + field.size);
  const end = text.indexOf(0);
  return UTF8.decode(end < 0 ? text : text.subarray(0, end));
}

/** Little-endian, as all machines are that this runs on; 0 where the bytes are too few. */
function int(bytes: Buffer, { offset, size, form }: Field): bigint {
  if (offset + size > bytes.length) return 0n;
  if (size === 8) return form === 'unsigned' ? bytes.readBigUInt64LE(offset) : bytes.readBigInt64LE(offset);
  return BigInt(form === 'unsigned' ? bytes.readUIntLE(offset, size) : bytes.readIntLE(offset, size));
}

function narrow(value: bigint): Int {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}
