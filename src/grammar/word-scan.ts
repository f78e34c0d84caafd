import { DATA, instantiate, ROOM, SLACK, STEP, WIDTH } from './scan-engine.ts';

/** Tells whether bytes hold any of some words. */
export interface WordScanner {
  has(bytes: Uint8Array): boolean;
}

/**
 * Searches for many words at the speed of memory: sixteen bytes at a time, four bytes of each word by their nibbles (the Teddy
 * algorithm of Hyperscan), in WebAssembly with SIMD; a block that may hold a word is then compared byte by byte. Where the runtime
 * has no SIMD a regular expression looks at everything, which is several times slower. Words need four characters of ASCII.
 */
export function createWordScanner(words: readonly string[]): WordScanner {
  const parts = words.map(partOf);
  const engine = instantiate(nibbleTables(parts.map((part) => part.text)));
  if (!engine) return slowScanner(words);
  const { memory, scan } = engine;
  const table = partTable(parts);
  const margin = Math.max(...words.map((word) => word.length));
  return {
    has(bytes) {
      for (let from = 0; from < bytes.length; from += ROOM - margin) {
        const end = DATA + Math.min(ROOM, bytes.length - from);
        memory.set(bytes.subarray(from, from + ROOM), DATA);
        memory.fill(0, end, end + SLACK);
        for (let at = scan(DATA, end); at < end; at = scan(at + STEP, end))
          if (holdsWord(memory, at, table)) return true;
      }
      return false;
    },
  };
}

function slowScanner(words: readonly string[]): WordScanner {
  const pattern = new RegExp(words.map((word) => word.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&')).join('|'));
  return { has: (bytes) => pattern.test(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1')) };
}

/** Whether a word has its part in the block. The nibbles of different words also agree by chance, and often. */
function holdsWord(memory: Uint8Array, at: number, table: readonly (readonly Part[] | undefined)[]): boolean {
  let four = (memory[at] ?? 0) | ((memory[at + 1] ?? 0) << 8) | ((memory[at + 2] ?? 0) << 16);
  for (let i = at; i < at + STEP; i++) {
    four |= (memory[i + WIDTH - 1] ?? 0) << 24;
    const parts = table[bucketOf(four)];
    if (parts?.some((part) => standsAt(memory, i - part.at, part.word))) return true;
    four >>>= 8;
  }
  return false;
}

function standsAt(memory: Uint8Array, from: number, word: Uint8Array): boolean {
  if (from < DATA) return false;
  for (let i = 0; i < word.length; i++) if (memory[from + i] !== word[i]) return false;
  return true;
}

const BUCKET_BITS = 12;

function bucketOf(four: number): number {
  return Math.imul(four, 0x9e3779b1) >>> (32 - BUCKET_BITS);
}

function partTable(parts: readonly Part[]): (readonly Part[] | undefined)[] {
  const table: (Part[] | undefined)[] = new Array(1 << BUCKET_BITS).fill(undefined);
  for (const part of parts) {
    let four = 0;
    for (let place = 0; place < WIDTH; place++) four |= part.text.charCodeAt(place) << (place * 8);
    const bucket = bucketOf(four);
    table[bucket] = [...(table[bucket] ?? []), part];
  }
  return table;
}

/** The four bytes of a word that logs hold least often, and where in the word they stand. */
interface Part {
  readonly word: Uint8Array;
  readonly at: number;
  readonly text: string;
}

function partOf(word: string): Part {
  let best = 0;
  for (let at = 1; at + WIDTH <= word.length; at++) {
    if (commonness(word.slice(at, at + WIDTH)) < commonness(word.slice(best, best + WIDTH))) best = at;
  }
  return { word: Buffer.from(word, 'latin1'), at: best, text: word.slice(best, best + WIDTH) };
}

/** Rough weights of characters in kernel logs. */
function commonness(part: string): number {
  let sum = 0;
  for (const char of part) {
    sum += '[]'.includes(char) ? 8 : ' etaoinsrl'.includes(char) ? 5 : char >= 'a' && char <= 'z' ? 3 : 2;
  }
  return sum;
}

/** Two tables of sixteen bytes for each of the four places: which of eight groups of parts have a byte with this nibble there. */
function nibbleTables(parts: readonly string[]): Uint8Array {
  const tables = new Uint8Array(WIDTH * 2 * 16);
  const sorted = [...new Set(parts)].sort();
  for (const [index, part] of sorted.entries()) {
    const group = 1 << Math.floor((index * 8) / sorted.length);
    for (let place = 0; place < WIDTH; place++) {
      const byte = part.charCodeAt(place);
      const low = place * 32 + (byte & 15);
      const high = place * 32 + 16 + (byte >> 4);
      tables[low] = (tables[low] ?? 0) | group;
      tables[high] = (tables[high] ?? 0) | group;
    }
  }
  return tables;
}
