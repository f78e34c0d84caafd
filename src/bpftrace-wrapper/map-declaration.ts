/** What stands in a map, as far as the program's text tells. Widths of integers differ between versions; see map-layout.ts. */
export interface MapDeclaration {
  /** With its `@`. */
  readonly name: string;
  readonly kind: MapKind;
  /** The parts of the key in order; empty for a map without one. */
  readonly keys: readonly Part[];
  /** Of kind `value`: what is stored. */
  readonly value: Part;
  /** Of lhist: lower bound, upper bound, width. */
  readonly linear?: readonly [bigint, bigint, bigint];
}

export type MapKind = 'count' | 'sum' | 'min' | 'max' | 'avg' | 'stats' | 'hist' | 'lhist' | 'value';

/** `int` is of any width, `any` an integer or text, `address` that of a ksym(); what is `opaque` (stacks, tuples) is not decoded. */
export type Part = 'comm' | 'text' | 'int32' | 'int64' | 'uint64' | 'int' | 'any' | 'address' | 'opaque';

/** Longer programs, keys and expressions are not looked at. */
const MAX_PROGRAM = 1 << 20;
const MAX_EXPRESSION = 2048;
const MAX_MENTIONS = 4096;

/** The maps that a program writes, by name. Of several writes the first that says most counts. Never throws. */
export function mapDeclarations(program: string): ReadonlyMap<string, MapDeclaration> {
  const declarations = new Map<string, MapDeclaration>();
  const code = withoutComments(program.slice(0, MAX_PROGRAM));
  let mentions = 0;
  for (const found of code.matchAll(MAP_NAME)) {
    const name = found[0];
    if (name.startsWith('"')) continue;
    mentions += 1;
    if (mentions > MAX_MENTIONS) break;
    let at = found.index + name.length;
    let keys: string[] = [];
    if (code[at] === '[') {
      const end = endOf(code, at + 1, ']');
      if (end < 0) continue;
      keys = splitParts(code.slice(at + 1, end));
      at = end + 1;
    }
    const written = WRITE.exec(code.slice(at, at + 32));
    if (!written) continue;
    const from = at + written[0].length;
    const end = endOf(code, from, ';');
    const value = written[1] === '=' ? code.slice(from, end < 0 ? from : end).trim() : '0';
    const known = declarations.get(name);
    if (known === undefined || (known.kind === 'value' && known.value === 'int')) {
      declarations.set(name, { name, keys: keys.map(partOf), ...storedBy(value) });
    }
  }
  return declarations;
}

/** Strings are matched so that what looks like a map within one is passed over. */
const MAP_NAME = /"(?:[^"\\]|\\.)*"?|@\w*/gs;
const WRITE = /^\s*(=(?!=)|\+\+|--|[-+*/%&|^]=|<<=|>>=)/;
const CALL = /^(count|sum|min|max|avg|stats|hist|lhist)\s*\((.*)\)$/s;
const INTEGER = /^-?\d+$/;

function storedBy(expression: string): Pick<MapDeclaration, 'kind' | 'value' | 'linear'> {
  const call = CALL.exec(expression);
  if (!call) return { kind: 'value', value: partOf(expression) };
  const [, kind = '', inner = ''] = call;
  const args = splitParts(inner);
  if (kind === 'lhist') {
    const [low = '', high = '', width = ''] = args.slice(1);
    if (![low, high, width].every((text) => INTEGER.test(text))) return { kind: 'value', value: 'opaque' };
    return { kind, value: 'int', linear: [BigInt(low), BigInt(high), BigInt(width)] };
  }
  // A finer histogram (0.21) has another index.
  if (kind === 'hist' && args.length > 1 && args[1] !== '0') return { kind: 'value', value: 'opaque' };
  return { kind: kind as MapKind, value: /^\(uint64\)/.test(inner) ? 'uint64' : 'int' };
}

/** The first form that fits. */
const FORMS: readonly (readonly [RegExp, Part])[] = [
  [/^comm$/, 'comm'],
  [/^"/, 'text'],
  [/^str\s*\(/, 'text'],
  [/^ksym\s*\(/, 'address'],
  [/^(?:pid|tid|uid|gid)$/, 'int32'],
  [/^(?:nsecs|cpu|elapsed|cgroup|curtask|numaid)$/, 'int64'],
  [
    /^(?:kstack|ustack|usym|kaddr|uaddr|probe|func|ntop|strftime|buf|macaddr|path|cgroup_path|strerror|username)\b/,
    'opaque',
  ],
  [/^\(u?int(?:8|16|32)\)/, 'int'],
  [/^\(uint64\)/, 'uint64'],
  [/^\(int64\)/, 'int64'],
  [/^\(.*,.*\)$/s, 'opaque'],
  [/^[-~!]?\$?\w+(?:(?:->|\.)\w+)*$/, 'any'],
];

function partOf(expression: string): Part {
  const text = expression.trim();
  if (INTEGER.test(text) || /^-?0x[\da-f]+$/i.test(text)) return 'int';
  return FORMS.find(([form]) => form.test(text))?.[1] ?? 'int';
}

/** Where the text ends at `close`, brackets and strings within passed over; -1 when it does not, or not soon. */
function endOf(code: string, from: number, close: string): number {
  const limit = Math.min(code.length, from + MAX_EXPRESSION);
  let depth = 0;
  for (let at = from; at < limit; at++) {
    const char = code.charAt(at);
    if (char === '"') at = endOfString(code, at, limit);
    else if (depth === 0 && (char === close || (close === ';' && char === '}'))) return at;
    else if ('([{'.includes(char)) depth += 1;
    else if (')]}'.includes(char)) depth -= 1;
  }
  return -1;
}

function splitParts(text: string): string[] {
  const parts: string[] = [];
  let from = 0;
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const char = text.charAt(at);
    if (char === '"') at = endOfString(text, at, text.length);
    else if ('([{'.includes(char)) depth += 1;
    else if (')]}'.includes(char)) depth -= 1;
    else if (char === ',' && depth === 0) {
      parts.push(text.slice(from, at).trim());
      from = at + 1;
    }
  }
  return [...parts, text.slice(from).trim()];
}

function endOfString(text: string, at: number, limit: number): number {
  let end = at + 1;
  while (end < limit && text[end] !== '"') end += text[end] === '\\' ? 2 : 1;
  return end;
}

function withoutComments(text: string): string {
  return text.replace(/"(?:[^"\\]|\\.)*"?|\/\*[\s\S]*?(?:\*\/|$)|\/\/[^\n]*/g, (found) =>
    found.startsWith('"') ? found : ' ',
  );
}
