import { readJson, unescapeKey } from './lenient-json.ts';
import {
  type Bucket,
  type Fields,
  type HistEntry,
  type Int,
  MAX_UNREAD,
  type Message,
  type StatsEntry,
  type Value,
} from './message.ts';

/**
 * Appends the messages of one line of `bpftrace -f json`. Mostly one; a line without end may hold several, and text of another
 * program (`-c` children share stdout) may stand before the first. `cut` says that the line's end is missing.
 */
export function decodeJsonLine(line: string, cut: boolean, messages: Message[]): void {
  const printed = cut ? null : plainPrintf(line);
  if (printed !== null) {
    messages.push({ kind: 'printf', text: printed });
    return;
  }
  let rest = line;
  while (rest.trim() !== '') {
    const start = rest.indexOf(START);
    if (start < 0) {
      messages.push(unread(rest, cut ? 'cut' : 'not-json'));
      break;
    }
    if (rest.slice(0, start).trim() !== '') messages.push(unread(rest.slice(0, start), 'not-json'));
    rest = rest.slice(start);
    const result = readJson(rest);
    if (result === null) break;
    // One by one: a line may hold more than a call takes arguments.
    for (const message of decodeObject(result.value, result.cut, rest)) messages.push(message);
    rest = rest.slice(result.end);
  }
}

const PRINTF = '{"type": "printf", "data": "';

/** Most lines of most programs: a printf of text without escapes but the newline at its end. Else null. */
function plainPrintf(line: string): string | null {
  if (!line.startsWith(PRINTF) || !line.endsWith('"}')) return null;
  const escaped = line.indexOf('\\', PRINTF.length);
  const end = escaped < 0 ? line.length - 2 : escaped;
  if (line.indexOf('"', PRINTF.length) !== line.length - 2) return null;
  if (escaped < 0) return line.slice(PRINTF.length, end);
  return line.startsWith('\\n"}', escaped) && escaped === line.length - 4
    ? `${line.slice(PRINTF.length, end)}\n`
    : null;
}

/** Every message of every version begins so. */
const START = '{"type": "';

export function unread(text: string, reason: 'not-json' | 'cut' | 'wrong-shape'): Message {
  return { kind: 'unread', reason, text: text.slice(0, MAX_UNREAD) };
}

type Decoder = (data: Value, object: Fields, cut: boolean) => readonly Message[] | null;

function decodeObject(value: Value, cut: boolean, text: string): readonly Message[] {
  const object = asFields(value);
  const type = object && get(object, 'type');
  if (!object || typeof type !== 'string') return [unread(text, cut ? 'cut' : 'wrong-shape')];
  const known = Object.hasOwn(DECODERS, type) ? DECODERS[type] : undefined;
  const data = get(object, 'data');
  if (cut && !MAPS.has(type)) return [unread(text, 'cut')];
  if (!known) return [{ kind: 'other', type, value: data ?? object }];
  return known(data ?? null, object, cut) ?? [unread(text, cut ? 'cut' : 'wrong-shape')];
}

/** The types of which a part is of use. */
const MAPS: ReadonlySet<string> = new Set(['map', 'hist', 'stats']);

const textOf =
  (kind: 'printf' | 'time' | 'cat' | 'join' | 'system' | 'errorf' | 'warnf'): Decoder =>
  (data, object) => {
    const text = data ?? get(object, 'msg');
    return typeof text === 'string' ? [{ kind, text }] : null;
  };

const failure: Decoder = (_data, object) => [
  {
    kind: 'error',
    helper: stringOf(get(object, 'helper')),
    code: numberOf(get(object, 'retcode')),
    text: stringOf(get(object, 'msg')) ?? '',
    place: {
      file: stringOf(get(object, 'filename')),
      line: numberOf(get(object, 'line')),
      column: numberOf(get(object, 'col')),
      endColumn: null,
    },
  },
];

/** 0.24 writes a total named `count` before `data`; `data` is the same in all versions. */
const DECODERS: Readonly<Record<string, Decoder>> = {
  attached_probes: (data) => {
    const probes = numberIn(data, 'probes');
    return probes === null ? null : [{ kind: 'attached', probes }];
  },
  lost_events: (data) => {
    const events = numberIn(data, 'events');
    return events === null ? null : [{ kind: 'lost', events }];
  },
  printf: textOf('printf'),
  errorf: textOf('errorf'),
  warnf: textOf('warnf'),
  time: textOf('time'),
  cat: textOf('cat'),
  join: textOf('join'),
  syscall: textOf('system'),
  value: (data) => [{ kind: 'value', value: data }],
  map: perName((name, value, cut) => {
    const keyed = asFields(value);
    const entries = keyed
      ? keyed.fields.map(([key, item]) => ({ key: unescapeKey(key), value: item }))
      : [{ key: null, value }];
    return { kind: 'map', name, entries, ...cut };
  }),
  hist: perName((name, value, cut) => {
    const keyed = asFields(value);
    const entries: HistEntry[] = keyed
      ? keyed.fields.map(([key, item]) => ({ key: unescapeKey(key), buckets: bucketsOf(item) }))
      : [{ key: null, buckets: bucketsOf(value) }];
    return { kind: isLinear(entries) ? 'lhist' : 'hist', name, entries, ...cut };
  }),
  stats: perName((name, value, cut) => {
    const single = statsOf(null, value);
    const entries = single
      ? [single]
      : (asFields(value)?.fields ?? []).flatMap(([key, item]) => statsOf(unescapeKey(key), item) ?? []);
    return { kind: 'stats', name, entries, ...cut };
  }),
  tseries: perName((name, value) => ({ kind: 'tseries', name, value })),
  helper_error: failure,
  runtime_error: failure,
};

type Cut = { cut?: true };
function perName(build: (name: string, value: Value, cut: Cut) => Message): Decoder {
  return (data, _object, cut) =>
    asFields(data)?.fields.map(([name, value]) => build(name, value, cut ? { cut } : {})) ?? null;
}

function bucketsOf(value: Value): Bucket[] {
  if (!Array.isArray(value)) return [];
  return value.flatMap((item: Value) => {
    const fields = asFields(item);
    const count = fields && intOf(get(fields, 'count'));
    return fields && count !== null && count !== undefined
      ? [{ min: intOf(get(fields, 'min')), max: intOf(get(fields, 'max')), count }]
      : [];
  });
}

/** lhist() prints buckets of one width, hist() such that double; a width of 1 twice or less says nothing. */
export function isLinear(entries: readonly HistEntry[]): boolean {
  return entries.some(({ buckets }) => {
    const closed = buckets.filter((bucket) => bucket.min !== null && bucket.max !== null);
    const widths = new Set(closed.map((bucket) => String(BigInt(bucket.max ?? 0) - BigInt(bucket.min ?? 0))));
    if (closed.length === 0) return buckets.some((bucket) => bucket.min !== null);
    if (widths.size > 1) return false;
    return closed.length > 2 || !widths.has('0') ? closed.length > 1 : buckets.some((bucket) => bucket.max === null);
  });
}

function statsOf(key: string | null, value: Value): StatsEntry | null {
  const plain = intOf(value);
  if (plain !== null) return { key, count: null, average: plain, total: null };
  const fields = asFields(value);
  const count = fields && intOf(get(fields, 'count'));
  const average = fields && intOf(get(fields, 'average'));
  const total = fields && intOf(get(fields, 'total'));
  return count == null || average == null || total == null ? null : { key, count, average, total };
}

function asFields(value: Value | undefined): Fields | null {
  return typeof value === 'object' && value !== null && 'fields' in value ? value : null;
}

/** The first value of the name. */
function get(object: Fields, name: string): Value | undefined {
  return object.fields.find(([key]) => key === name)?.[1];
}

function stringOf(value: Value | undefined): string | null {
  return typeof value === 'string' ? value : null;
}

function numberOf(value: Value | undefined): number | null {
  return typeof value === 'number' ? value : null;
}

function numberIn(value: Value, name: string): number | null {
  const fields = asFields(value);
  return fields ? numberOf(get(fields, name)) : null;
}

/** Where only an integer can stand, one in quotes (0.24) is an integer too. */
function intOf(value: Value | undefined): Int | null {
  if (typeof value === 'bigint' || (typeof value === 'number' && Number.isInteger(value))) return value;
  return typeof value === 'string' && /^-?\d{1,20}$/.test(value) ? BigInt(value) : null;
}
