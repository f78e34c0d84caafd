import type { MapDeclaration, Part } from './map-declaration.ts';

/** Where the parts of a key lie. */
export interface Field {
  readonly offset: number;
  readonly size: number;
  readonly form: 'text' | 'signed' | 'unsigned' | 'address';
}

export interface KeyLayout {
  readonly fields: readonly Field[];
  /** Bytes of the key proper: behind it histograms have the index of the bucket. */
  readonly size: number;
}

/** Widths that an integer can have, those of 0.17 to 0.23 first: eight bytes, whatever its type. */
const WIDTHS: Readonly<Record<Part, readonly number[]>> = {
  comm: [16],
  text: [],
  int32: [8, 4],
  int64: [8],
  uint64: [8],
  int: [8, 4, 2, 1],
  any: [8, 4, 2, 1],
  address: [8],
  opaque: [],
};
const FORMS: { readonly [part in Part]?: Field['form'] } = { uint64: 'unsigned', address: 'address' };
const MAX_PARTS = 8;

/**
 * How a key of so many bytes lies in memory: in 0.17 and 0.23 its parts one behind the other, integers of eight bytes; in 0.27
 * a struct with integers of their own width. One text of unknown length takes what is left. Null when nothing fits, or when
 * what fits is not the old form and not the only one.
 */
export function keyLayout(declaration: MapDeclaration, keySize: number): KeyLayout | null {
  const { keys } = declaration;
  const size = keySize - (declaration.kind === 'hist' || declaration.kind === 'lhist' ? 8 : 0);
  // A map without a key is one entry: an array's index, or eight bytes of zero.
  if (keys.length === 0) return size === 0 || size === 4 || size === 8 ? { fields: [], size } : null;
  if (keys.length > MAX_PARTS || keys.includes('opaque')) return null;
  const old = place(keys, keys.map(first), size, false);
  if (old) return { fields: old, size };
  const found = new Map<string, Field[]>();
  for (const widths of choices(keys)) {
    const fields = place(keys, widths, size, true);
    if (fields && !isOddText(widths, fields)) found.set(JSON.stringify(fields), fields);
  }
  const [only] = found.values();
  return found.size === 1 && only ? { fields: only, size } : null;
}

const first = (part: Part): number | null => WIDTHS[part][0] ?? null;

/** What may be either and is as wide as an integer is one. */
function isOddText(widths: readonly (number | null)[], fields: readonly Field[]): boolean {
  return fields.some(({ size }, i) => widths[i] === null && WIDTHS.int.includes(size));
}

/** All combinations, the text of unknown length as null. */
function* choices(keys: readonly Part[]): Generator<(number | null)[]> {
  const [part, ...rest] = keys;
  if (part === undefined) {
    yield [];
    return;
  }
  const widths: readonly (number | null)[] =
    part === 'any' ? [...WIDTHS.any, null] : WIDTHS[part].length > 0 ? WIDTHS[part] : [null];
  for (const width of widths) for (const others of choices(rest)) yield [width, ...others];
}

function place(
  keys: readonly Part[],
  widths: readonly (number | null)[],
  size: number,
  aligned: boolean,
): Field[] | null {
  if (widths.filter((width) => width === null).length > 1) return null;
  for (let free = 1; free <= size; free++) {
    const fields: Field[] = [];
    let at = 0;
    for (const [i, part] of keys.entries()) {
      const width = widths[i] ?? free;
      const isText = part === 'comm' || part === 'text' || widths[i] === null;
      if (aligned && !isText) at = Math.ceil(at / width) * width;
      fields.push({ offset: at, size: width, form: isText ? 'text' : (FORMS[part] ?? 'signed') });
      at += width;
    }
    if (at === size) return fields;
    if (!widths.includes(null)) return null;
  }
  return null;
}
