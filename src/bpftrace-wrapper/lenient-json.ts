import type { Fields, Value } from './message.ts';

/** The outcome of reading one JSON value at the start of a text. `end` is the offset behind it. */
export interface JsonResult {
  readonly value: Value;
  readonly end: number;
  /** The text ended inside the value: what was complete is there, a scalar that may have been cut is not. */
  readonly cut: boolean;
}

const MAX_DEPTH = 16;
const INTEGER = /^-?\d+$/;
const NUMBER = /^-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?$/;
const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', b: '\b', f: '\f' };
const WORDS: Readonly<Record<string, Value>> = { true: true, false: false, null: null };

/**
 * Reads the JSON that bpftrace writes, which is not quite JSON. Never throws; null when `text` does not start with `{`.
 *
 * - integers stay exact; pairs of an object stay in order with repeated keys
 * - bytes from 0x80 come as `\uffffffc3`, a sign-extended char (json_escape in src/output.cpp; 0.17 to 0.26)
 * - strftime() and strerror() values have no quotes (to 0.21 and 0.19): they end where the container goes on. One that is all
 *   of `data` ends at the last brace of the text, since it may hold commas and braces.
 */
export function readJson(text: string): JsonResult | null {
  if (text.charCodeAt(0) !== OPEN_BRACE) return null;
  const reader = new Reader(text);
  const value = reader.value(0, null);
  return { value: value === CUT ? { fields: [] } : value, end: reader.at, cut: reader.cut };
}

const OPEN_BRACE = 0x7b;
/** Stands for a scalar that the end of the text may have shortened. */
const CUT = Symbol('cut');

class Reader {
  at = 0;
  cut = false;
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  value(depth: number, key: string | null): Value | typeof CUT {
    this.#blanks();
    const char = this.#text[this.at];
    if (char === undefined) return this.#ended();
    if (depth < MAX_DEPTH) {
      if (char === '{') return this.#object(depth);
      if (char === '[') return this.#array(depth);
    }
    if (char === '"') return this.#string();
    return this.#bare(depth, key);
  }

  #object(depth: number): Fields {
    const fields: [string, Value][] = [];
    this.at += 1;
    for (;;) {
      this.#blanks();
      const char = this.#text[this.at];
      if (char === undefined) {
        this.cut = true;
        break;
      }
      if (char === '}') {
        this.at += 1;
        break;
      }
      if (char !== '"') {
        this.at += 1;
        continue;
      }
      const key = this.#string();
      if (key === CUT) break;
      this.#blanks();
      if (this.#text[this.at] === ':') this.at += 1;
      const value = this.value(depth + 1, key);
      if (value === CUT) break;
      fields.push([key, value]);
    }
    return { fields };
  }

  #array(depth: number): Value[] {
    const items: Value[] = [];
    this.at += 1;
    for (;;) {
      this.#blanks();
      const char = this.#text[this.at];
      if (char === undefined) {
        this.cut = true;
        break;
      }
      if (char === ']') {
        this.at += 1;
        break;
      }
      const before = this.at;
      const value = this.value(depth + 1, null);
      if (value === CUT) break;
      items.push(value);
      if (this.at === before) this.at += 1;
    }
    return items;
  }

  #string(): string | typeof CUT {
    const text = this.#text;
    let end = this.at + 1;
    let plain = true;
    for (;;) {
      const code = text.charCodeAt(end);
      if (Number.isNaN(code)) return this.#ended();
      if (code === 0x22) break;
      if (code === 0x5c) {
        plain = false;
        end += 1;
      }
      end += 1;
    }
    const raw = text.slice(this.at + 1, end);
    this.at = end + 1;
    return plain ? raw : decodeEscapes(raw);
  }

  #bare(depth: number, key: string | null): Value | typeof CUT {
    const text = this.#text;
    const start = this.at;
    let end = start;
    while (end < text.length && !this.#endsBare(end, key !== null)) end += 1;
    if (end === text.length) return this.#ended();
    const word = text.slice(start, end).trim();
    const known = scalar(word) ?? (Object.hasOwn(WORDS, word) ? WORDS[word] : undefined);
    if (known === undefined && depth === 1 && key === 'data') end = Math.max(end, text.lastIndexOf('}'));
    this.at = end;
    return known === undefined ? text.slice(start, end).trim() : known;
  }

  /** Inside an object a comma ends a bare value only when the next key follows. */
  #endsBare(at: number, inObject: boolean): boolean {
    const char = this.#text[at];
    if (char === ',') return !inObject || this.#text.startsWith(', "', at);
    return char === '}' || (char === ']' && !inObject);
  }

  #blanks(): void {
    for (;;) {
      const code = this.#text.charCodeAt(this.at);
      if (code !== 0x20 && code !== 0x2c && code !== 0x09 && code !== 0x0d) return;
      this.at += 1;
    }
  }

  #ended(): typeof CUT {
    this.at = this.#text.length;
    this.cut = true;
    return CUT;
  }
}

/** A number, exact; undefined for what is none. */
function scalar(word: string): number | bigint | undefined {
  if (INTEGER.test(word)) {
    const number = Number(word);
    return Number.isSafeInteger(number) || word.length > 40 ? number : BigInt(word);
  }
  return NUMBER.test(word) ? Number(word) : undefined;
}

/**
 * 0.23 escapes keys of maps twice (fixtures/bpftrace/0.23/keys.json): a newline comes as backslash, n. Whether that was meant
 * or is the defect cannot be told of every key. It is undone where the key has a byte above 0x7f, a quote or a stack in that
 * form, and nothing that an escaped text cannot have.
 */
export function unescapeKey(key: string): string {
  return key.includes('\\') && TWICE.test(key) && !NEVER_ESCAPED.test(key.replace(ESCAPE, ''))
    ? decodeEscapes(key)
    : key;
}

const TWICE = /\\uffffff[89a-f][0-9a-f]|\\"|\\n {8}/;
const NEVER_ESCAPED = /[\x00-\x1f"\\\x80-\uffff]/;
const ESCAPE = /(?:\\uffffff[0-9a-f]{2})+|\\u[0-9a-fA-F]{4}|\\./gs;
const UTF8 = new TextDecoder('utf-8', { fatal: false, ignoreBOM: true });

function decodeEscapes(raw: string): string {
  return raw.replace(ESCAPE, (found) => {
    if (found.length >= 10) {
      const bytes = Array.from({ length: found.length / 10 }, (_, i) => found.slice(i * 10 + 8, i * 10 + 10));
      return UTF8.decode(Uint8Array.from(bytes, (byte) => Number.parseInt(byte, 16)));
    }
    if (found.length === 6) return String.fromCharCode(Number.parseInt(found.slice(2), 16));
    const char = found.charAt(1);
    return ESCAPES[char] ?? char;
  });
}
