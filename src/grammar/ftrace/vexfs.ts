import type { VexfsEvent } from '../../model/trace.ts';
import { payloadInOrder } from './payload.ts';
import type { FtraceEvent } from './record.ts';

/** The module's event in a record; null when it is none, or not whole. */
export function vexfsEvent(event: Pick<FtraceEvent, 'name' | 'payload'>): VexfsEvent | null {
  const known = Object.hasOwn(EVENTS, event.name) ? EVENTS[event.name] : undefined;
  const values = known && payloadInOrder(event.payload, known.keys);
  if (!known || !values) return null;
  return known.numbers.every((at) => NUMBER.test(values[at] ?? '')) ? known.build(values) : null;
}

type Build = (values: readonly string[]) => VexfsEvent;
interface Row {
  readonly keys: readonly string[];
  /** Which of them must be numbers. */
  readonly numbers: readonly number[];
  readonly build: Build;
}

const NUMBERS = ['ret', 'ns', 'size', 'dim', 'count', 'k', 'write', 'marked'];
const NUMBER = /^-?\d{1,20}$/;
const row = (names: string, build: Build): Row => {
  const keys = names.split(' ');
  return { keys, numbers: keys.flatMap((key, at) => (NUMBERS.includes(key) ? [at] : [])), build };
};
const LOCK = 'class mode lock ip';
const lock =
  (kind: 'lock-attempt' | 'lock-acquired' | 'lock-release'): Build =>
  ([name = '', mode = '', address = '', ip = '']) => ({ kind, class: name, mode, lock: address, ip });

const EVENTS: Readonly<Record<string, Row>> = {
  op_begin: row('op sb ino id', ([op = '', sb = '', ino = '', id = '']) => ({ kind: 'op-begin', op, sb, ino, id })),
  op_end: row('op sb ino id ret ns', ([op = '', sb = '', ino = '', id = '', ret, ns]) => {
    return { kind: 'op-end', op, sb, ino, id, ret: Number(ret), ns: Number(ns) };
  }),
  lock_attempt: row(LOCK, lock('lock-attempt')),
  lock_acquired: row(LOCK, lock('lock-acquired')),
  lock_release: row(LOCK, lock('lock-release')),
  mem_access: row('object addr member size write marked ip', (values) => {
    const [object = '', addr = '', member = '', size, write, marked, ip = ''] = values;
    return {
      kind: 'mem-access',
      object,
      addr,
      member,
      size: Number(size),
      write: write === '1',
      marked: marked === '1',
      ip,
    };
  }),
  alloc: row('what ptr size', ([what = '', ptr = '', size]) => ({ kind: 'alloc', what, ptr, size: Number(size) })),
  free: row('what ptr', ([what = '', ptr = '']) => ({ kind: 'free', what, ptr })),
  search: row('ino metric dim count k ns', ([ino = '', metric = '', dim, count, k, ns]) => {
    return { kind: 'search', ino, metric, dim: Number(dim), count: Number(count), k: Number(k), ns: Number(ns) };
  }),
};
