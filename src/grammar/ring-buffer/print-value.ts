import type { EventField } from './event-format.ts';
import { type ArrayValue, elementsOf, type RecordBytes, readArray, readInteger, textOf } from './event-record.ts';
import type { Expression } from './print-expression.ts';

/** What an expression comes to. */
export type Value = bigint | string | ArrayValue;
export type Evaluate = (record: RecordBytes) => Value;
type Fields = ReadonlyMap<string, EventField>;

/** Makes a function of an expression; null when it names something that a record does not say. */
export function compile(expression: Expression, fields: Fields): Evaluate | null {
  const part = (of: Expression) => compile(of, fields);
  switch (expression.kind) {
    case 'integer':
    case 'text':
      return constant(expression.value);
    case 'name': {
      const known = NAMES[expression.name];
      return known === undefined ? null : constant(known);
    }
    case 'field':
      return fieldValue(fields.get(expression.name));
    case 'prefix':
      return prefixed(expression.op, part(expression.of));
    case 'infix':
      return joined(expression.op, part(expression.left), part(expression.right));
    case 'choice': {
      const [condition, then, otherwise] = [
        part(expression.condition),
        part(expression.then),
        part(expression.otherwise),
      ];
      if (!condition || !then || !otherwise) return null;
      return folded(
        (record) => (truth(condition(record)) ? then(record) : otherwise(record)),
        condition,
        then,
        otherwise,
      );
    }
    case 'cast': {
      const of = part(expression.of);
      const convert = conversion(expression.type);
      if (of === null || convert === undefined) return of;
      return folded((record) => convertValue(of(record), convert), of);
    }
    case 'index': {
      const [of, at] = [part(expression.of), part(expression.at)];
      if (!of || !at) return null;
      return (record) => elementAt(of(record), integer(at(record)));
    }
    case 'call':
      return called(expression.name, expression.args, fields);
    case 'list':
      return null;
  }
}

const NAMES: Readonly<Record<string, bigint>> = { true: 1n, false: 0n, NULL: 0n };

/** Values that need no record. What is made of these alone is made once: masks of flags are long sums of constants. */
const CONSTANTS = new WeakSet<Evaluate>();

function constant(value: Value): Evaluate {
  const evaluate = () => value;
  CONSTANTS.add(evaluate);
  return evaluate;
}

function folded(evaluate: Evaluate, ...parts: readonly Evaluate[]): Evaluate {
  return parts.every((part) => CONSTANTS.has(part)) ? constant(evaluate(NO_RECORD)) : evaluate;
}

const NO_RECORD: RecordBytes = { view: new DataView(new ArrayBuffer(0)), at: 0, length: 0 };

function fieldValue(field: EventField | undefined): Evaluate | null {
  if (field === undefined) return null;
  if (field.shape !== 'integer') return (record) => readArray(record, field);
  const { offset, size, signed } = field;
  return (record) => readInteger(record, offset, size, signed);
}

function prefixed(op: string, of: Evaluate | null): Evaluate | null {
  const apply = PREFIX[op];
  if (of === null || apply === undefined) return of;
  return folded((record) => apply(integer(of(record))), of);
}

/** `&` and `*` take addresses and what stands there: of a field both are the field. */
const PREFIX: Readonly<Record<string, (value: bigint) => bigint>> = {
  '-': (value) => -value,
  '~': (value) => ~value,
  '!': (value) => (value === 0n ? 1n : 0n),
};

function joined(op: string, left: Evaluate | null, right: Evaluate | null): Evaluate | null {
  const apply = INFIX[op];
  if (left === null || right === null || apply === undefined) return null;
  return folded((record) => apply(integer(left(record)), integer(right(record))), left, right);
}

const bit = (truth: boolean) => (truth ? 1n : 0n);

const INFIX: Readonly<Record<string, (a: bigint, b: bigint) => bigint>> = {
  '*': (a, b) => BigInt.asIntN(128, a * b),
  '/': (a, b) => (b === 0n ? 0n : a / b),
  '%': (a, b) => (b === 0n ? 0n : a % b),
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '<<': (a, b) => BigInt.asUintN(64, a << (b & 63n)),
  '>>': (a, b) => a >> (b & 63n),
  '<': (a, b) => bit(a < b),
  '>': (a, b) => bit(a > b),
  '<=': (a, b) => bit(a <= b),
  '>=': (a, b) => bit(a >= b),
  '==': (a, b) => bit(a === b),
  '!=': (a, b) => bit(a !== b),
  '&': (a, b) => a & b,
  '^': (a, b) => a ^ b,
  '|': (a, b) => a | b,
  '&&': (a, b) => bit(a !== 0n && b !== 0n),
  '||': (a, b) => bit(a !== 0n || b !== 0n),
};

export function integer(value: Value): bigint {
  if (typeof value === 'bigint') return value;
  // A pointer into the record, which is none; a text stands for one, too.
  return typeof value === 'string' || value.length > 0 ? 1n : 0n;
}

function truth(value: Value): boolean {
  return integer(value) !== 0n;
}

function elementAt(of: Value, index: bigint): Value {
  if (typeof of === 'bigint' || typeof of === 'string') return 0n;
  const { view, at, length, element, signed } = of;
  return readInteger({ view, at, length }, Number(BigInt.asIntN(32, index)) * element, element, signed);
}

/** Bits and sign of a type; undefined for pointers and what is not known. */
function conversion(type: string): { readonly bits: number; readonly signed: boolean } | undefined {
  if (type.includes('*')) return undefined;
  const words = type.split(' ');
  const short = /^(?:__)?([us])(8|16|32|64)$/.exec(words.at(-1) ?? '');
  if (short) return { bits: Number(short[2]), signed: short[1] === 's' };
  const signed = !words.includes('unsigned');
  if (words.includes('long')) return { bits: 64, signed };
  if (words.includes('char')) return { bits: 8, signed };
  if (words.includes('short')) return { bits: 16, signed };
  return words.includes('int') || !signed ? { bits: 32, signed } : undefined;
}

function convertValue(value: Value, { bits, signed }: { readonly bits: number; readonly signed: boolean }): Value {
  if (typeof value !== 'bigint') return value;
  return signed ? BigInt.asIntN(bits, value) : BigInt.asUintN(bits, value);
}

const MAX_ELEMENTS = 256;
/** `__get_str(name)` and its like name a field. */
const OF_FIELD = /^__get_(?:rel_)?(str|sockaddr|dynamic_array|dynamic_array_len|bitmask|cpumask)$/;

/** The helpers of include/trace/stages/stage3_trace_output.h. */
function called(name: string, args: readonly Expression[], fields: Fields): Evaluate | null {
  const [first] = args;
  if (first === undefined) return null;
  const [, what] = OF_FIELD.exec(name) ?? [];
  if (what !== undefined) {
    const field = first.kind === 'name' ? fields.get(first.name) : undefined;
    if (field === undefined) return null;
    if (what === 'str') return (record) => textOf(readArray(record, field));
    if (what === 'dynamic_array_len') return (record) => BigInt(readArray(record, field).length);
    if (what === 'bitmask' || what === 'cpumask') return (record) => mask(readArray(record, field));
    return (record) => readArray(record, field);
  }
  if (name === 'sizeof') return first.kind === 'name' ? sizeOf(first.name) : null;
  const value = compile(first, fields);
  if (value === null) return null;
  switch (name) {
    case '__builtin_expect':
      return value;
    case '__print_flags':
    case '__print_flags_u64':
      return flags(value, args, fields);
    case '__print_symbolic':
    case '__print_symbolic_u64':
      return symbolic(value, args, fields);
    case '__print_hex':
    case '__print_hex_str':
    case '__print_array':
      return listed(
        name,
        value,
        args.slice(1).map((arg) => compile(arg, fields)),
      );
    default:
      return null;
  }
}

function sizeOf(type: string): Evaluate | null {
  const known = conversion(type);
  return known === undefined ? null : constant(BigInt(known.bits / 8));
}

/** `{ 1, "ONE" }, …`; those whose number only the kernel knows are left out, as are the zeros that end a table. */
function rows(args: readonly Expression[], fields: Fields): (readonly [bigint, string])[] {
  return args.flatMap((arg): (readonly [bigint, string])[] => {
    if (arg.kind !== 'list') return [];
    const [number, text] = arg.items.map((item) => compile(item, fields)?.(NO_RECORD));
    return typeof number === 'bigint' && typeof text === 'string' ? [[BigInt.asUintN(64, number), text]] : [];
  });
}

/** trace_print_flags_seq: each mask that is wholly set, then what is left in hexadecimal. */
function flags(value: Evaluate, args: readonly Expression[], fields: Fields): Evaluate {
  const between = args[1] && compile(args[1], fields)?.(NO_RECORD);
  const table = rows(args.slice(2), fields);
  return (record) => {
    let left = BigInt.asUintN(64, integer(value(record)));
    const parts: string[] = [];
    for (const [bits, text] of table) {
      if (left === 0n) break;
      if ((left & bits) !== bits) continue;
      parts.push(text);
      left &= ~bits;
    }
    if (left !== 0n) parts.push(`0x${left.toString(16)}`);
    return parts.join(typeof between === 'string' ? between : '|');
  };
}

function symbolic(value: Evaluate, args: readonly Expression[], fields: Fields): Evaluate {
  const table = new Map([...rows(args.slice(1), fields)].reverse());
  return (record) => {
    const number = BigInt.asUintN(64, integer(value(record)));
    return table.get(number) ?? `0x${number.toString(16)}`;
  };
}

/** `00 1a ff`, `001aff`, `{0x1,0x2}`. */
function listed(name: string, value: Evaluate, [count, size]: readonly (Evaluate | null)[]): Evaluate | null {
  if (!count) return null;
  return (record) => {
    const array = value(record);
    if (typeof array === 'bigint' || typeof array === 'string') return '';
    const element = name === '__print_array' ? Number(integer(size?.(record) ?? 1n)) : 1;
    const limit = Math.min(MAX_ELEMENTS, Math.max(0, Number(integer(count(record)))));
    const numbers = elementsOf({ ...array, element: Math.max(1, element), signed: false }, limit);
    if (name === '__print_array') return `{${numbers.map((number) => `0x${number.toString(16)}`).join(',')}}`;
    return numbers.map((number) => number.toString(16).padStart(2, '0')).join(name === '__print_hex' ? ' ' : '');
  };
}

/** `ff,ffffffff`: words of 32 bits, the highest first, as `%*pb` prints them. */
function mask(array: ArrayValue): string {
  const words = elementsOf({ ...array, element: 4, signed: false }, MAX_ELEMENTS).reverse();
  return words.map((word) => word.toString(16).padStart(8, '0')).join(',');
}
