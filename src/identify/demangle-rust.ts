/**
 * Rust's v0 mangling (https://doc.rust-lang.org/rustc/symbol-mangling/v0.html), without crate hashes and instantiating crates.
 * Undefined for what is no such symbol. Names come from logs: depth and output are bounded.
 */
export function demangleRust(name: string): string | undefined {
  if (!name.startsWith('_R')) return undefined;
  const reader = new V0(name.slice('_R'.length));
  try {
    return reader.path();
  } catch (error) {
    if (error instanceof NotV0) return undefined;
    throw error;
  }
}

class NotV0 extends Error {}

const MAX_DEPTH = 64;
const MAX_STEPS = 2_000;

const BASIC_TYPES: Readonly<Record<string, string>> = {
  a: 'i8',
  b: 'bool',
  c: 'char',
  d: 'f64',
  e: 'str',
  f: 'f32',
  h: 'u8',
  i: 'isize',
  j: 'usize',
  l: 'i32',
  m: 'u32',
  n: 'i128',
  o: 'u128',
  p: '_',
  s: 'i16',
  t: 'u16',
  u: '()',
  v: '...',
  x: 'i64',
  y: 'u64',
  z: '!',
};

const SPECIAL: Readonly<Record<string, string>> = { C: 'closure', S: 'shim' };

class V0 {
  readonly #text: string;
  #at = 0;
  #depth = 0;
  #steps = 0;

  constructor(text: string) {
    this.#text = text;
  }

  path(): string {
    return this.#nested(() => {
      switch (this.#next()) {
        case 'C':
          this.#disambiguator();
          return this.#identifier();
        case 'N':
          return this.#member();
        case 'M':
          this.#disambiguator();
          this.path();
          return `<${this.#type()}>`;
        case 'X': {
          this.#disambiguator();
          this.path();
          return `<${this.#type()} as ${this.path()}>`;
        }
        case 'Y':
          return `<${this.#type()} as ${this.path()}>`;
        case 'I':
          return `${this.path()}::<${this.#list(() => this.#argument())}>`;
        case 'B':
          return this.#back(() => this.path());
        default:
          throw new NotV0();
      }
    });
  }

  #member(): string {
    const namespace = this.#next();
    const inside = this.path();
    const index = this.#disambiguator();
    const name = this.#identifier();
    if (namespace >= 'A' && namespace <= 'Z') {
      const label = SPECIAL[namespace] ?? namespace;
      return `${inside}::{${label}${name === '' ? '' : `:${name}`}#${index}}`;
    }
    return name === '' ? inside : `${inside}::${name}`;
  }

  #type(): string {
    return this.#nested(() => {
      const tag = this.#peek();
      const basic = BASIC_TYPES[tag];
      if (basic !== undefined) {
        this.#at++;
        return basic;
      }
      if ('CNMXYI'.includes(tag)) return this.path();
      this.#at++;
      switch (tag) {
        case 'R':
        case 'Q':
          this.#lifetime();
          return `&${tag === 'Q' ? 'mut ' : ''}${this.#type()}`;
        case 'P':
          return `*const ${this.#type()}`;
        case 'O':
          return `*mut ${this.#type()}`;
        case 'A':
          return `[${this.#type()}; ${this.#constant()}]`;
        case 'S':
          return `[${this.#type()}]`;
        case 'T':
          return `(${this.#list(() => this.#type())})`;
        case 'B':
          return this.#back(() => this.#type());
        default:
          throw new NotV0();
      }
    });
  }

  #argument(): string {
    if (this.#peek() === 'L') {
      this.#lifetime();
      return "'_";
    }
    if (this.#peek() !== 'K') return this.#type();
    this.#at++;
    return this.#constant();
  }

  #constant(): string {
    if (this.#peek() === 'B') {
      this.#at++;
      return this.#back(() => this.#constant());
    }
    this.#type();
    const end = this.#text.indexOf('_', this.#at);
    if (end < 0) throw new NotV0();
    const digits = this.#text.slice(this.#at, end);
    this.#at = end + 1;
    return `0x${digits}`;
  }

  #lifetime(): void {
    if (this.#peek() !== 'L') return;
    this.#at++;
    this.#base62();
  }

  #list(item: () => string): string {
    const items: string[] = [];
    while (this.#peek() !== 'E') items.push(item());
    this.#at++;
    return items.join(', ');
  }

  /** Reads again from an earlier place. */
  #back(read: () => string): string {
    const target = this.#base62();
    const here = this.#at;
    if (target >= here) throw new NotV0();
    this.#at = target;
    const text = read();
    this.#at = here;
    return text;
  }

  #disambiguator(): number {
    if (this.#peek() !== 's') return 0;
    this.#at++;
    return this.#base62() + 1;
  }

  #identifier(): string {
    if (this.#peek() === 'u') this.#at++;
    const from = this.#at;
    while (isDigit(this.#text.charCodeAt(this.#at))) this.#at++;
    const length = Number(this.#text.slice(from, this.#at));
    if (this.#at === from) throw new NotV0();
    if (this.#peek() === '_') this.#at++;
    const end = this.#at + length;
    if (end > this.#text.length) throw new NotV0();
    const name = this.#text.slice(this.#at, end);
    this.#at = end;
    return name;
  }

  #base62(): number {
    const end = this.#text.indexOf('_', this.#at);
    if (end < 0 || end - this.#at > 12) throw new NotV0();
    const bare = end === this.#at;
    let value = 0;
    for (; this.#at < end; this.#at++) value = value * 62 + digit62(this.#text.charCodeAt(this.#at));
    if (Number.isNaN(value)) throw new NotV0();
    this.#at = end + 1;
    // `_` alone is 0, `0_` is 1.
    return bare ? 0 : value + 1;
  }

  #nested(read: () => string): string {
    if (++this.#depth > MAX_DEPTH || ++this.#steps > MAX_STEPS) throw new NotV0();
    const text = read();
    this.#depth--;
    return text;
  }

  #peek(): string {
    return this.#text.charAt(this.#at);
  }

  #next(): string {
    return this.#text.charAt(this.#at++);
  }
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

function digit62(code: number): number {
  if (isDigit(code)) return code - 0x30;
  if (code >= 0x61 && code <= 0x7a) return code - 0x61 + 10;
  if (code >= 0x41 && code <= 0x5a) return code - 0x41 + 36;
  return Number.NaN;
}
