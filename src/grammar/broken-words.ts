import { stripTerminal } from './terminal.ts';

const ESC = 0x1b;
const CR = 0x0d;
const NL = 0x0a;
const OPEN_BRACKET = 0x5b;

/** True for what may begin a stretch of bytes that is left out of its line (`stripTerminal`), so that what stands around it comes together. */
export function isBreak(bytes: Uint8Array, at: number): boolean {
  return bytes[at] === ESC || (bytes[at] === CR && bytes[at + 1] !== NL);
}

/**
 * Whether a terminal's codes at `at` stand in the midst of a word, as some that `dmesg --color` writes. The bytes from `from` to `end`
 * are whole lines.
 */
export type BrokenWordTest = (bytes: Uint8Array, at: number, from: number, end: number) => boolean;

export function createBrokenWordTest(words: readonly string[]): BrokenWordTest {
  const pattern = wordPattern(words);
  const pairs = new Set(
    words.flatMap((word) => [...word].slice(1).map((char, i) => pairOf(word.charCodeAt(i), char.charCodeAt(0)))),
  );
  return (bytes, at, from, end) => {
    const next = behindBreaks(bytes, at, end);
    // Nearly all codes stand around words.
    if (next !== undefined && (at === from || !pairs.has(pairOf(bytes[at - 1] ?? 0, bytes[next] ?? 0)))) return false;
    const line = bytes.subarray(Math.max(from, bytes.lastIndexOf(NL, at) + 1), end);
    const stop = line.indexOf(NL);
    return pattern.test(stripTerminal(latin1(stop < 0 ? line : line.subarray(0, stop))));
  };
}

/** Any of the words. */
export function wordPattern(words: readonly string[]): RegExp {
  return new RegExp(words.map((word) => word.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&')).join('|'));
}

export function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
}

function pairOf(first: number, second: number): number {
  return (first << 8) | second;
}

/** What stands behind the codes at `at`, and behind those that follow them; undefined where it is not plain to see. */
function behindBreaks(bytes: Uint8Array, at: number, end: number): number | undefined {
  let i = at;
  while (i < end && isBreak(bytes, i)) {
    if (bytes[i++] === CR) continue;
    if (bytes[i++] !== OPEN_BRACKET) return undefined;
    while (i < end && isParameter(bytes[i] ?? 0)) i++;
    i++;
  }
  return i < end ? i : undefined;
}

/** Parameters and intermediates of a control sequence (ECMA-48, 5.4); one byte more ends it. */
function isParameter(byte: number): boolean {
  return byte >= 0x20 && byte <= 0x3f;
}
