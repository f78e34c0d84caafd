import { demangleRust } from './demangle-rust.ts';

/** The readable form of a C++ or Rust symbol, without parameters; other names, and what cannot be read, stay as they are. */
export function demangle(name: string): string {
  if (name.startsWith('_R')) return demangleRust(name) ?? name;
  if (name.startsWith('_ZN')) return nested(name, '_ZN'.length) ?? name;
  if (name.startsWith('_Z')) return plain(name);
  return name;
}

/** Itanium C++ ABI `<nested-name>`, also Rust's old scheme, which ends with a hash that says nothing to people. */
function nested(name: string, from: number): string | undefined {
  const parts: string[] = [];
  let at = from;
  while (name[at] === 'K' || name[at] === 'V' || name[at] === 'r') at++;
  while (name[at] !== 'E') {
    const part = sourceName(name, at);
    if (!part) return undefined;
    parts.push(part.text);
    at = part.end;
  }
  if (parts.length > 1 && isHash(parts.at(-1) ?? '')) parts.pop();
  return parts.length === 0 ? undefined : parts.join('::');
}

function plain(name: string): string {
  return sourceName(name, '_Z'.length)?.text ?? name;
}

/** `3foo`: a length and as many characters. */
function sourceName(name: string, from: number): { text: string; end: number } | undefined {
  let at = from;
  while (name[at] !== undefined && isDigit(name, at)) at++;
  const length = Number(name.slice(from, at));
  if (at === from || length === 0 || at + length > name.length) return undefined;
  return { text: name.slice(at, at + length), end: at + length };
}

const HASH_LENGTH = 17;

function isHash(part: string): boolean {
  return (
    part.length === HASH_LENGTH &&
    part.startsWith('h') &&
    [...part.slice(1)].every((c) => isDigit(c, 0) || (c >= 'a' && c <= 'f'))
  );
}

function isDigit(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code >= 0x30 && code <= 0x39;
}
