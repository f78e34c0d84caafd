import type { EventField } from './event-format.ts';
import { type ArrayValue, elementsOf, type RecordBytes, textOf } from './event-record.ts';
import { parsePrint } from './print-parser.ts';
import { compile, type Evaluate, integer, type Value } from './print-value.ts';

/** Names of addresses, as kallsyms has them. */
export interface Place {
  readonly name: string;
  readonly offset: number;
  readonly size: number;
  /** Of what module; absent for the kernel's own. */
  readonly module?: string;
}
export type FindPlace = (address: bigint) => Place | undefined;

/** The text of a record, as the kernel prints it. */
export type Print = (record: RecordBytes, places: FindPlace) => string;

type Piece = (record: RecordBytes, places: FindPlace) => string;

/** A conversion of the kernel's printf (lib/vsprintf.c); what follows `%p` says what is pointed to. */
const CONVERSION = /%([-+ #0]*)(\*|\d{1,4})?(?:\.(\*|\d{1,4})?)?(hh|h|ll|l|L|z|t|j|q)?([diouxXcsp%])/g;
const POINTED = /^(?:[sSB](?:R|b)*|[fF]|U[bBlL]?|M|I[46S][a-z]*|x|K|h[CDN]?|\w{0,3})/;

/** Makes the printer of a `print fmt`; null when it needs what only the kernel has. */
export function compilePrint(print: string, fields: readonly EventField[]): Print | null {
  const call = parsePrint(print);
  if (call === null) return null;
  const byName = new Map(fields.map((field) => [field.name, field]));
  const args = call.args.map((arg) => compile(arg, byName));
  if (args.includes(null)) return null;
  const pieces = piecesOf(call.format, args as Evaluate[]);
  if (pieces === null) return null;
  return (record, places) => {
    let text = '';
    for (const piece of pieces) text += typeof piece === 'string' ? piece : piece(record, places);
    return text;
  };
}

/** Literal text, and what is put between; null when there are fewer arguments than conversions. */
function piecesOf(format: string, args: readonly Evaluate[]): (string | Piece)[] | null {
  const pieces: (string | Piece)[] = [];
  let next = 0;
  let from = 0;
  for (const found of format.matchAll(CONVERSION)) {
    if (found.index < from) continue;
    pieces.push(format.slice(from, found.index));
    from = found.index + found[0].length;
    const [, flags = '', width, precision, size = '', kind = ''] = found;
    if (kind === '%') {
      pieces.push('%');
      continue;
    }
    const starWidth = width === '*' ? args[next++] : undefined;
    const starPrecision = precision === '*' ? args[next++] : undefined;
    const arg = args[next++];
    if (arg === undefined) return null;
    let pointed = '';
    if (kind === 'p') {
      [pointed = ''] = POINTED.exec(format.slice(from)) ?? [];
      if (!KNOWN_POINTERS.test(pointed)) pointed = '';
      from += pointed.length;
    }
    const fixed: Spec = {
      ...{ flags, size, kind, pointed },
      width: Number(width ?? 0) || 0,
      precision: precision === undefined ? undefined : Number(precision) || 0,
    };
    if (starWidth === undefined && starPrecision === undefined) {
      pieces.push((record, places) => padded(converted(arg(record), fixed, places), fixed));
      continue;
    }
    pieces.push((record, places) => {
      const spec: Spec = {
        ...fixed,
        width: starWidth ? bounded(starWidth(record)) : fixed.width,
        precision: starPrecision ? bounded(starPrecision(record)) : fixed.precision,
      };
      return padded(converted(arg(record), spec, places), spec);
    });
  }
  pieces.push(format.slice(from));
  return pieces.filter((piece) => piece !== '');
}

const KNOWN_POINTERS = /^(?:[sSB]|[fF]|U[bBlL]?|M|x|K)$/;
const MAX_WIDTH = 1024;

interface Spec {
  readonly flags: string;
  readonly width: number;
  readonly precision: number | undefined;
  readonly size: string;
  readonly kind: string;
  readonly pointed: string;
}

function bounded(value: Value): number {
  return Math.max(0, Math.min(MAX_WIDTH, Number(BigInt.asIntN(32, integer(value)))));
}

function converted(value: Value, spec: Spec, places: FindPlace): string {
  switch (spec.kind) {
    case 's': {
      const text = typeof value === 'string' ? value : typeof value === 'bigint' ? pointerText(value) : textOf(value);
      return spec.precision === undefined ? text : text.slice(0, spec.precision);
    }
    case 'c':
      return String.fromCodePoint(Number(BigInt.asUintN(8, integer(value))));
    case 'p':
      return pointed(value, spec.pointed, places);
    default:
      return number(integer(value), spec);
  }
}

const BASES: Readonly<Record<string, number>> = { o: 8, x: 16 };
const BITS: Readonly<Record<string, number>> = { hh: 8, h: 16, '': 32 };

function number(value: bigint, { kind, size, flags, precision }: Spec): string {
  const bits = BITS[size] ?? 64;
  const signed = kind === 'd' || kind === 'i';
  const cut = signed ? BigInt.asIntN(bits, value) : BigInt.asUintN(bits, value);
  if (flags === '' && precision === undefined && kind !== 'X') return cut.toString(BASES[kind] ?? 10);
  const base = kind === 'o' ? 8 : kind === 'x' || kind === 'X' ? 16 : 10;
  const digits = (cut < 0n ? -cut : cut).toString(base).padStart(precision ?? 0, '0');
  const sign = cut < 0n ? '-' : flags.includes('+') && signed ? '+' : '';
  const mark = flags.includes('#') ? (base === 16 ? '0x' : base === 8 ? '0' : '') : '';
  return sign + mark + (kind === 'X' ? digits.toUpperCase() : digits);
}

function padded(text: string, { width, flags, kind }: Spec): string {
  if (width <= text.length) return text;
  const missing = Math.min(MAX_WIDTH, width) - text.length;
  if (missing <= 0) return text;
  if (flags.includes('-')) return text + ' '.repeat(missing);
  if (!flags.includes('0') || !'diouxX'.includes(kind)) return ' '.repeat(missing) + text;
  const [mark = ''] = /^(?:[-+]|0x)/.exec(text) ?? [];
  return mark + '0'.repeat(missing) + text.slice(mark.length);
}

/** A string of which the record has only the address. */
function pointerText(address: bigint): string {
  return address === 0n ? '(null)' : `0x${BigInt.asUintN(64, address).toString(16)}`;
}

/** Symbols, identifiers and addresses; the addresses are real ones, where `trace` prints hashes unless `hash-ptr` is off. */
function pointed(value: Value, kind: string, places: FindPlace): string {
  if (typeof value === 'object') return bytesText(value, kind);
  const address = typeof value === 'bigint' ? BigInt.asUintN(64, value) : 0n;
  if (!/^[sSBfF]$/.test(kind)) return address.toString(16).padStart(16, '0');
  const place = places(address);
  if (place === undefined) return `0x${address.toString(16)}`;
  return placeText(place, kind === 'S' || kind === 'B' || kind === 'F');
}

/** `vfs_read+0x1f/0x2b0 [module]`, as `%pS` and `%ps` print it. */
export function placeText({ name, offset, size, module }: Place, withOffset: boolean): string {
  return `${name}${withOffset ? `+0x${offset.toString(16)}/0x${size.toString(16)}` : ''}${module ? ` [${module}]` : ''}`;
}

function bytesText(array: ArrayValue, kind: string): string {
  const bytes = elementsOf({ ...array, element: 1, signed: false }, 64).map((byte) =>
    byte.toString(16).padStart(2, '0'),
  );
  if (kind === 'M') return bytes.slice(0, 6).join(':');
  if (!kind.startsWith('U')) return bytes.join('');
  const order = /[lL]$/.test(kind) ? LITTLE_ENDIAN : [...LITTLE_ENDIAN.keys()];
  const text = order.map((at) => bytes[at] ?? '00').join('');
  const dashed = [text.slice(0, 8), text.slice(8, 12), text.slice(12, 16), text.slice(16, 20), text.slice(20)].join(
    '-',
  );
  return /[BL]$/.test(kind) ? dashed.toUpperCase() : dashed;
}

const LITTLE_ENDIAN = [3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15];
