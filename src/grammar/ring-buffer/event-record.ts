import type { EventField } from './event-format.ts';

/** The bytes of one event. */
export interface RecordBytes {
  readonly view: DataView;
  readonly at: number;
  readonly length: number;
}

/** A run of bytes within a record, as elements of one size. */
export interface ArrayValue {
  readonly view: DataView;
  readonly at: number;
  readonly length: number;
  readonly element: number;
  readonly signed: boolean;
}

/** An integer of 1, 2, 4 or 8 bytes; 0 where the record is too short for it. */
export function readInteger({ view, at, length }: RecordBytes, offset: number, size: number, signed: boolean): bigint {
  if (offset < 0 || offset + size > length) return 0n;
  const from = at + offset;
  switch (size) {
    case 8:
      return signed ? view.getBigInt64(from, true) : view.getBigUint64(from, true);
    case 4:
      return BigInt(signed ? view.getInt32(from, true) : view.getUint32(from, true));
    case 2:
      return BigInt(signed ? view.getInt16(from, true) : view.getUint16(from, true));
    case 1:
      return BigInt(signed ? view.getInt8(from) : view.getUint8(from));
    default:
      return 0n;
  }
}

/** Where the bytes of a field stand that is no integer; cut at the end of the record. */
export function readArray(record: RecordBytes, field: EventField): ArrayValue {
  const { offset, size, shape, element, signed } = field;
  const { from, bytes } =
    shape === 'dynamic' || shape === 'relative'
      ? placeOf(readInteger(record, offset, 4, false), shape === 'relative' ? offset + 4 : 0)
      : { from: offset, bytes: size === 0 ? record.length - offset : size };
  const length = Math.max(0, Math.min(bytes, record.length - from));
  return { view: record.view, at: record.at + from, length, element, signed };
}

/** `__data_loc` and `__rel_loc`: the offset in the lower 16 bits, the length in the upper (include/trace/stages). */
function placeOf(word: bigint, base: number): { readonly from: number; readonly bytes: number } {
  return { from: base + Number(word & 0xffffn), bytes: Number(word >> 16n) };
}

/** Text up to its end or the first zero; invalid UTF-8 becomes U+FFFD. */
export function textOf({ view, at, length }: ArrayValue): string {
  const bytes = Buffer.from(view.buffer, view.byteOffset + at, length);
  const end = bytes.indexOf(0);
  return bytes.toString('utf8', 0, end < 0 ? length : end);
}

export function elementsOf({ view, at, length, element, signed }: ArrayValue, limit: number): bigint[] {
  const count = Math.min(limit, Math.floor(length / element));
  return Array.from({ length: count }, (_, i) => readInteger({ view, at, length }, i * element, element, signed));
}
