import { WIDTH } from './scan-engine.ts';

/** The bytes of a word that logs hold least often, and where in the word they stand. */
export interface Part {
  readonly word: Uint8Array;
  readonly at: number;
  /** `WIDTH` bytes, or the whole word. */
  readonly bytes: Uint8Array;
}

export function partOf(text: string): Part {
  let best = 0;
  for (let at = 1; at + WIDTH <= text.length; at++) {
    if (commonness(text.slice(at, at + WIDTH)) < commonness(text.slice(best, best + WIDTH))) best = at;
  }
  const word = Buffer.from(text, 'latin1');
  return { word, at: best, bytes: word.subarray(best, best + WIDTH) };
}

/** How often characters stand in kernel logs, roughly, as logarithms. */
const COMMON: readonly (readonly [chars: RegExp, weight: number])[] = [
  [/[ etaoinsrl]/, 5],
  [/[0-9]/, 4],
  [/[a-z[\].:_=,/-]/, 3],
  [/[A-Z]/, 1],
];

function commonness(part: string): number {
  return [...part].reduce((sum, char) => sum + (COMMON.find(([chars]) => chars.test(char))?.[1] ?? 0), 0);
}

const NL = 0x0a;
const ESC = 0x1b;
const CR = 0x0d;
const ANY: readonly number[] = Array.from({ length: 16 }, (_, nibble) => nibble);
/** Bits of a byte, as groups: what is alike stands together, so that a group allows few nibbles. The others are for breaks. */
const GROUPS = 6;

/**
 * Tables for the engine: which groups of parts have a byte with this low, this high nibble at a place. Two groups are for what may break
 * a word: ESC, and CR before anything but a line end.
 */
export function nibblesOf(parts: readonly Part[]): Uint8Array {
  const tables = new Uint8Array(WIDTH * 2 * 16);
  const allow = (group: number, place: number, low: readonly number[], high: readonly number[]) => {
    const bit = 1 << group;
    for (const nibble of low) tables[place * 32 + nibble] = (tables[place * 32 + nibble] ?? 0) | bit;
    for (const nibble of high) tables[place * 32 + 16 + nibble] = (tables[place * 32 + 16 + nibble] ?? 0) | bit;
  };
  const sorted = parts.map(({ bytes }) => bytes).sort(Buffer.compare);
  for (const [index, bytes] of sorted.entries())
    for (let place = 0; place < WIDTH; place++) {
      const byte = bytes[place];
      const group = Math.floor((index * GROUPS) / sorted.length);
      allow(group, place, byte === undefined ? ANY : [byte & 15], byte === undefined ? ANY : [byte >> 4]);
    }
  allow(
    GROUPS,
    1,
    ANY.filter((nibble) => nibble !== (NL & 15)),
    ANY,
  );
  allow(
    GROUPS + 1,
    1,
    [NL & 15],
    ANY.filter((nibble) => nibble !== NL >> 4),
  );
  for (const group of [GROUPS, GROUPS + 1]) {
    allow(group, 0, [ESC & 15, CR & 15], [ESC >> 4, CR >> 4]);
    for (let place = 2; place < WIDTH; place++) allow(group, place, ANY, ANY);
  }
  return tables;
}
