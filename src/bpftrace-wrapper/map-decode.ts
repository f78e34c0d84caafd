import type { MapDeclaration, MapKind } from './map-declaration.ts';
import { type Field, type KeyLayout, keyLayout } from './map-layout.ts';
import type { KernelMap, RawMap } from './map-source.ts';
import type { Bucket, Int, MapEntry, MessageOf, StatsEntry, Value } from './message.ts';

/** A map as `print` would have it, but in no order; or why it cannot be told. */
export type MapRead =
  | { readonly message: MessageOf<'map' | 'hist' | 'lhist' | 'stats'> }
  | { readonly problem: string };

/** Bytes of a map of the kernel to what the program means by them. Never throws. */
export function decodeMap(declaration: MapDeclaration, map: KernelMap, raw: RawMap): MapRead {
  const { name, kind, value } = declaration;
  // avg() and stats() of 0.17 keep count and sum in two entries, told apart by eight bytes behind the key.
  const inTwo = (kind === 'avg' || kind === 'stats') && map.valueSize === 8;
  const layout = keyLayout(declaration, map.keySize - (inTwo ? 8 : 0));
  if (!layout) return { problem: `the key of ${name} (${map.keySize} bytes) cannot be told from the program` };
  if (kind === 'value' && value === 'opaque')
    return { problem: `the value of ${name} cannot be told from the program` };
  const least = kind === 'value' ? 1 : 8;
  if (raw.values < 1 || raw.width < map.valueSize || map.valueSize < least) {
    return { problem: `values of ${map.valueSize} bytes cannot be those of ${name}` };
  }
  const table = new Table(layout, map, raw);
  const cut = raw.cut ? { cut: true as const } : {};
  if (kind === 'hist' || kind === 'lhist') {
    const entries = table.groups().map(([key, slots]) => ({ ...key, buckets: bucketsOf(declaration, table, slots) }));
    return { message: { kind, name, entries: entries.filter((entry) => entry.buckets.length > 0), ...cut } };
  }
  if (kind === 'avg' || kind === 'stats') {
    const entries = table
      .groups()
      .flatMap(([key, slots]) => statsEntry(kind, key, inTwo ? sumsOfTwo(table, slots) : sumsOfOne(table, slots)));
    return { message: { kind: 'stats', name, entries, ...cut } };
  }
  const entries: MapEntry[] = [];
  for (const slot of table.slots()) {
    const read = kind === 'value' ? plain(declaration, table, slot) : AGGREGATES[kind](table, slot, value === 'uint64');
    const { key, parts } = table.key(slot);
    if (read !== null) entries.push(parts ? { key, parts, value: read } : { key, value: read });
  }
  return { message: { kind: 'map', name, entries, ...cut } };
}

interface Key {
  readonly key: string | null;
  readonly parts?: readonly Value[];
}

/** The bytes of a map. A slot is where an entry begins; slots out of bounds do not occur. */
class Table {
  readonly bytes: Buffer;
  readonly keySize: number;
  readonly valueSize: number;
  readonly #layout: KeyLayout;
  readonly #raw: RawMap;
  readonly #stride: number;

  constructor(layout: KeyLayout, map: KernelMap, raw: RawMap) {
    this.bytes = raw.bytes;
    this.keySize = map.keySize;
    this.valueSize = map.valueSize;
    this.#layout = layout;
    this.#raw = raw;
    this.#stride = map.keySize + raw.width * raw.values;
  }

  slots(): number[] {
    const count = this.#stride === 0 ? 0 : Math.floor(this.bytes.length / this.#stride);
    return Array.from({ length: count }, (_, i) => i * this.#stride);
  }

  key(slot: number): Key {
    const { fields } = this.#layout;
    if (fields.length === 0) return { key: null };
    const parts = fields.map((field) => fieldOf(this.bytes, slot, field));
    return { key: parts.join(','), parts };
  }

  /** Entries of one key: buckets of a histogram, count and sum. */
  groups(): [Key, number[]][] {
    const groups = new Map<string, number[]>();
    for (const slot of this.slots()) {
      const bytes = this.bytes.toString('latin1', slot, slot + this.#layout.size);
      const known = groups.get(bytes);
      if (known) known.push(slot);
      else groups.set(bytes, [slot]);
    }
    return [...groups.values()].map((slots) => [this.key(slots[0] ?? 0), slots]);
  }

  /** What stands behind the key proper: a bucket, or which of two entries. */
  index(slot: number): Int {
    return int64(this.bytes, slot + this.keySize - 8);
  }

  /** Where the values of the entry begin, one or one a CPU. */
  values(slot: number): number[] {
    return Array.from({ length: this.#raw.values }, (_, i) => slot + this.keySize + i * this.#raw.width);
  }

  /** The sum over the CPUs of what stands at an offset in each value. */
  sum(slot: number, offset = 0): Int {
    let total: Int = 0;
    const { values, width } = this.#raw;
    if (offset + 8 > width) return 0;
    for (let i = 0; i < values; i++) total = add(total, int64(this.bytes, slot + this.keySize + i * width + offset));
    return total;
  }
}

type Aggregate = Exclude<MapKind, 'avg' | 'stats' | 'hist' | 'lhist' | 'value'>;

const AGGREGATES: Readonly<Record<Aggregate, (table: Table, slot: number, unsigned: boolean) => Int | null>> = {
  count: (table, slot) => table.sum(slot),
  sum: (table, slot, unsigned) => (unsigned ? narrow(BigInt.asUintN(64, BigInt(table.sum(slot)))) : table.sum(slot)),
  min: (table, slot, unsigned) => extreme(table, slot, unsigned, 'min'),
  max: (table, slot, unsigned) => extreme(table, slot, unsigned, 'max'),
};

/** 0.23 keeps a value and whether it is set; 0.17 the value alone, of min() its difference to 2^32 - 1. */
function extreme(table: Table, slot: number, unsigned: boolean, which: 'min' | 'max'): Int | null {
  const marked = table.valueSize >= 16;
  const set = table.values(slot).filter((at) => !marked || table.bytes.readInt32LE(at + 8) !== 0);
  const values = set
    .map((at) => BigInt(int64(table.bytes, at)))
    .map((value) => (unsigned ? BigInt.asUintN(64, value) : value));
  const [first, ...others] = values;
  if (first === undefined) return null;
  const most = others.reduce((a, b) => (b > a ? b : a), first);
  if (which === 'max') return narrow(most);
  if (!marked) return narrow(most === 0n ? 0n : 0xffffffffn - most);
  return narrow(others.reduce((a, b) => (b < a ? b : a), first));
}

interface Sums {
  readonly count: Int;
  readonly total: Int;
}

function sumsOfOne(table: Table, slots: readonly number[]): Sums {
  const sum = (offset: number) => slots.reduce((all: Int, slot) => add(all, table.sum(slot, offset)), 0);
  return { total: sum(0), count: sum(8) };
}

/** The entry with 0 behind the key counts, the one with 1 adds up. */
function sumsOfTwo(table: Table, slots: readonly number[]): Sums {
  const of = (wanted: number) => {
    const slot = slots.find((each) => table.index(each) === wanted);
    return slot === undefined ? 0 : table.sum(slot);
  };
  return { count: of(0), total: of(1) };
}

function statsEntry(kind: 'avg' | 'stats', key: Key, { count, total }: Sums): StatsEntry[] {
  if (count === 0) return [];
  const average = narrow(BigInt(total) / BigInt(count));
  return [kind === 'avg' ? { ...key, count: null, average, total: null } : { ...key, count, average, total }];
}

function plain({ value }: MapDeclaration, table: Table, slot: number): Value {
  const size = table.valueSize;
  const isText = value === 'comm' || value === 'text' || ![1, 2, 4, 8].includes(size);
  const form = isText ? 'text' : value === 'uint64' ? 'unsigned' : value === 'address' ? 'address' : 'signed';
  return fieldOf(table.bytes, slot + table.keySize, { offset: 0, size, form });
}

/** From the lowest to the highest bucket that has something in it, as bpftrace prints them. */
function bucketsOf({ linear }: MapDeclaration, table: Table, slots: readonly number[]): Bucket[] {
  const filled = new Map<number, Int>();
  for (const slot of slots) {
    const [index, count] = [table.index(slot), table.sum(slot)];
    if (count > 0 && typeof index === 'number' && index >= 0 && index < MAX_BUCKETS) filled.set(index, count);
  }
  if (filled.size === 0) return [];
  const low = Math.min(...filled.keys());
  const high = Math.max(...filled.keys());
  return Array.from({ length: high - low + 1 }, (_, i) => ({
    ...(linear ? linearBounds(linear, low + i) : powerBounds(low + i)),
    count: filled.get(low + i) ?? 0,
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

/** Little-endian, as all machines are that this runs on. */
function fieldOf(bytes: Buffer, slot: number, { offset, size, form }: Field): Int | string {
  const at = slot + offset;
  if (form === 'text') {
    let end = at;
    while (end < at + size && bytes[end] !== 0) end += 1;
    return bytes.toString('utf8', at, end);
  }
  if (size === 8) {
    const value = int64(bytes, at);
    if (form === 'signed') return value;
    const unsigned = BigInt.asUintN(64, BigInt(value));
    return form === 'address' ? `0x${unsigned.toString(16)}` : narrow(unsigned);
  }
  return form === 'signed' ? bytes.readIntLE(at, size) : bytes.readUIntLE(at, size);
}

/** BigInt only where it is needed: most are small, and there are thousands. */
function int64(bytes: Buffer, at: number): Int {
  const high = bytes.readInt32LE(at + 4);
  return high >= -0x200000 && high < 0x200000 ? high * 0x100000000 + bytes.readUInt32LE(at) : bytes.readBigInt64LE(at);
}

function add(a: Int, b: Int): Int {
  const sum = typeof a === 'number' && typeof b === 'number' ? a + b : Number.NaN;
  return Number.isSafeInteger(sum) ? sum : narrow(BigInt(a) + BigInt(b));
}

function narrow(value: bigint): Int {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}
