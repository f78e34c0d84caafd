import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createPrefilter, prefilterWords } from './prefilter.ts';
import { createWordScanner } from './word-scan.ts';

describe('the prefilter', () => {
  const filter = createPrefilter();

  test.each(prefilterWords())('sees "%s" at any place of any alignment', (word) => {
    for (let at = 0; at < 40; at++) {
      const bytes = Buffer.from(`${'.'.repeat(at)}${word}${'.'.repeat(40 - at)}`);
      expect(filter.has(bytes)).toBe(true);
      expect(filter.has(bytes.subarray(0, at + word.length))).toBe(true);
      expect(filter.has(bytes.subarray(0, at + word.length - 1))).toBe(false);
    }
  });

  test('sees a word behind the first quarter of a megabyte, and across its border', () => {
    for (const at of [262_143, 262_144, 262_140, 300_000, 600_000]) {
      expect(filter.has(Buffer.from(`${' '.repeat(at)}Kernel panic`))).toBe(true);
    }
    expect(filter.has(Buffer.alloc(700_000, 'a'))).toBe(false);
    expect(filter.has(new Uint8Array(0))).toBe(false);
  });

  test('says what a plain search says', () => {
    const words = ['abcd', 'bcda', 'aabb:', 'dddd'];
    const scanner = createWordScanner(words);
    const letters = fc.string({ unit: fc.constantFrom('a', 'b', 'c', 'd', ':'), maxLength: 80 });
    fc.assert(
      fc.property(letters, (text) => {
        expect(scanner.has(Buffer.from(text))).toBe(words.some((word) => text.includes(word)));
      }),
      { numRuns: 500 },
    );
  });
});
