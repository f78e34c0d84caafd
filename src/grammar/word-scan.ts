import { type BrokenWordTest, createBrokenWordTest, isBreak, latin1, wordPattern } from './broken-words.ts';
import { CHECK_BITS, checkOf, DATA, type Engine, instantiate } from './scan-engine.ts';
import { nibblesOf, type Part, partOf } from './word-parts.ts';

/** What a search came to. */
export interface Found {
  /** Where the first word begins, or a long stretch without line end; without either, the length of what was searched. */
  readonly at: number;
  /** Line ends before it, from where the search began. */
  readonly lines: number;
}

/** Finds the first of some words in bytes, also where a terminal's codes break it, and counts lines on the way. */
export interface WordScanner {
  find(bytes: Uint8Array, from: number): Found;
}

/** Bytes that are looked at together: a part of the fastest cache, so that they come from memory once. */
export const BLOCK = 16 * 1024;

/**
 * Searches for many words at the speed of memory: sixteen bytes at a time, a few bytes of each word by their nibbles (the Teddy
 * algorithm of Hyperscan), in WebAssembly with SIMD; a place that may hold a word is then compared byte by byte. Where the runtime
 * has no SIMD a regular expression looks at everything, which is several times slower. Words need four characters of ASCII and have
 * no line end. A block without line end is found as if it were a word: lines of such a length want to be looked at.
 */
export function createWordScanner(words: readonly string[]): WordScanner {
  const parts = words.map(partOf);
  const engine = instantiate({ nibbles: nibblesOf(parts), checks: checksOf(parts) });
  return scannerOf(engine ? fastSearch(engine, parts, createBrokenWordTest(words)) : slowSearch(words));
}

/** A scanner that needs no WebAssembly. */
export function createSlowWordScanner(words: readonly string[]): WordScanner {
  return scannerOf(slowSearch(words));
}

/** A search through one piece, which holds whole lines and is no longer than a block. */
interface PieceSearch {
  /** Where the first word begins. */
  word(piece: Uint8Array): number | undefined;
  /** Line ends of the same piece before `end`. */
  lines(end: number): number;
}

function scannerOf(search: PieceSearch): WordScanner {
  return {
    find(bytes, from) {
      let lines = 0;
      for (let at = from; at < bytes.length; ) {
        const block = bytes.subarray(at, at + BLOCK);
        const whole = at + BLOCK < bytes.length ? block.lastIndexOf(NL) + 1 : block.length;
        if (whole === 0) return { at, lines };
        const piece = block.subarray(0, whole);
        const word = search.word(piece);
        lines += search.lines(word ?? whole);
        if (word !== undefined) return { at: at + word, lines };
        at += whole;
      }
      return { at: bytes.length, lines };
    },
  };
}

function fastSearch(engine: Engine, parts: readonly Part[], isBroken: BrokenWordTest): PieceSearch {
  const { memory } = engine;
  const table = partTable(parts);
  return {
    word(piece) {
      const end = DATA + piece.length;
      engine.load(piece);
      for (let at = engine.scan(DATA, end); at < end; at = engine.scan(at + 1, end)) {
        for (const part of table[checkAt(memory, at)] ?? NONE)
          if (standsAt(memory, at - part.at, part.word)) return at - part.at - DATA;
        if (isBreak(memory, at) && isBroken(memory, at, DATA, end)) return at - DATA;
      }
      return undefined;
    },
    lines: (end) => engine.lines(DATA, DATA + end),
  };
}

const NL = 0x0a;

function slowSearch(words: readonly string[]): PieceSearch {
  const pattern = new RegExp(`${wordPattern(words).source}|\\u001b|\\r(?!\\n)`);
  let text = '';
  return {
    word(piece) {
      text = latin1(piece);
      const at = text.search(pattern);
      return at < 0 ? undefined : at;
    },
    lines: (end) => text.slice(0, end).split('\n').length - 1,
  };
}

const NONE: readonly Part[] = [];

function standsAt(memory: Uint8Array, from: number, word: Uint8Array): boolean {
  if (from < DATA) return false;
  for (let i = 0; i < word.length; i++) if (memory[from + i] !== word[i]) return false;
  return true;
}

function checkAt(bytes: Uint8Array, at: number): number {
  let four = 0;
  for (let place = 0; place < 4; place++) four |= (bytes[at + place] ?? 0) << (place * 8);
  return checkOf(four);
}

type PartTable = readonly (readonly Part[] | undefined)[];

function partTable(parts: readonly Part[]): PartTable {
  const table: (Part[] | undefined)[] = new Array(1 << CHECK_BITS).fill(undefined);
  for (const part of parts) {
    const check = checkAt(part.word, part.at);
    table[check] = [...(table[check] ?? []), part];
  }
  return table;
}

function checksOf(parts: readonly Part[]): Uint8Array {
  return Uint8Array.from(partTable(parts), (some) => (some === undefined ? 0 : 1));
}
