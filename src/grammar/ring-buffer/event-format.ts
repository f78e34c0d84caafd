/** How the bytes of a field are meant. */
export type FieldShape = 'integer' | 'string' | 'array' | 'dynamic' | 'relative';

/** A field of an event's record (kernel/trace/trace_events.c, f_show). */
export interface EventField {
  readonly name: string;
  /** Its type in C, without the brackets of an array. */
  readonly type: string;
  readonly shape: FieldShape;
  readonly offset: number;
  /** Bytes; of an array without a length 0: it reaches to the end. */
  readonly size: number;
  readonly signed: boolean;
  /** Bytes of an element; of what is no array the same as `size`. */
  readonly element: number;
}

/** What `events/SYSTEM/EVENT/format` says. */
export interface EventFormat {
  readonly name: string;
  readonly id: number;
  readonly fields: readonly EventField[];
  /** The expression behind `print fmt:`. */
  readonly print: string;
}

const MAX_FIELDS = 256;
const MAX_PRINT = 64 * 1024;
const FIELD = /^\s*field:([^;]{1,200});\s*offset:(\d{1,7});\s*size:(\d{1,7});(?:\s*signed:(\d);)?/;
const DECLARED = /^(.*?[\s*])([A-Za-z_]\w*)\s*(\[[^\]]*\])?$/;

/** The formats in a text, one behind the other, as `cat` of several gives them. What is damaged is left out. */
export function parseFormats(text: string): EventFormat[] {
  const formats: EventFormat[] = [];
  // Between formats stand blank lines, and nothing but their own text begins so.
  for (const part of text.split(/^name: /m).slice(1)) {
    const [head = '', print] = part.split(/^print fmt: /m, 2);
    const [name = '', id = '', ...lines] = head.split('\n');
    const fields = lines.flatMap((line) => parseField(line) ?? []).slice(0, MAX_FIELDS);
    if (/^ID: \d{1,9}$/.test(id) && print !== undefined)
      formats.push({ name: name.trim(), id: Number(id.slice(4)), fields, print: print.slice(0, MAX_PRINT).trimEnd() });
  }
  return formats;
}

function parseField(line: string): EventField | null {
  const [, declaration = '', offset, size, signed] = FIELD.exec(line) ?? [];
  const [, before = '', name = '', brackets] = DECLARED.exec(declaration.trim()) ?? [];
  if (name === '') return null;
  const bytes = Number(size);
  const marked = before.trim();
  const [, kind, rest] = /^__(data_loc|rel_loc)\s+(.*)$/.exec(marked) ?? [];
  const type = (rest ?? marked).replace(/\[\]$/, '').trim();
  const common = { name, type, offset: Number(offset), size: bytes, signed: signed === '1' };
  if (kind !== undefined) {
    const shape = kind === 'data_loc' ? 'dynamic' : 'relative';
    return { ...common, shape, element: elementOf(type, 0, bytes) };
  }
  if (brackets === undefined) return { ...common, shape: 'integer', element: bytes };
  const count = Number(brackets.slice(1, -1));
  return { ...common, shape: isChar(type) ? 'string' : 'array', element: elementOf(type, count, bytes) };
}

function isChar(type: string): boolean {
  return /^(?:const )?(?:unsigned |signed )?char$/.test(type);
}

function elementOf(type: string, count: number, bytes: number): number {
  if (count > 0 && bytes % count === 0 && bytes > 0) return bytes / count;
  if (/\b(?:char|u8|s8|__u8|uint8_t|bool)$/.test(type)) return 1;
  if (/\b(?:short|u16|s16|__u16|__be16|uint16_t)$/.test(type)) return 2;
  if (/\b(?:long|u64|s64|__u64|size_t)$/.test(type) || type.endsWith('*')) return 8;
  return 4;
}
