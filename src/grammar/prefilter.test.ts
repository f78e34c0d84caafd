import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { PREFILTERS, prefilterWords } from './prefilter.ts';
import { stripTerminal } from './terminal.ts';
import { BLOCK, createSlowWordScanner, createWordScanner, type WordScanner } from './word-scan.ts';

const holds = (scanner: WordScanner, text: string) => {
  const bytes = Buffer.from(text, 'latin1');
  return scanner.find(bytes, 0).at < bytes.length;
};

describe('the prefilter', () => {
  const filter = PREFILTERS.default();

  test.each(prefilterWords())('sees "%s" at any place of any alignment', (word) => {
    for (let at = 0; at < 40; at++) {
      const text = `${'.'.repeat(at)}${word}${'.'.repeat(40 - at)}\n`;
      expect(filter.find(Buffer.from(text), 0)).toEqual({ at, lines: 0 });
      expect(holds(filter, text.slice(0, at + word.length))).toBe(true);
      expect(holds(filter, text.slice(0, at + word.length - 1))).toBe(false);
    }
  });

  test.each(prefilterWords())('sees "%s" where a terminal breaks it', (word) => {
    for (const code of ['\u001b[0m', '\u001b[33m\u001b[1;31m', '\r', '\u001b]0;title\u0007'])
      for (let at = 1; at < word.length; at++)
        expect(holds(filter, `ok\n[1.0] a ${word.slice(0, at)}${code}${word.slice(at)} b\n`), code).toBe(true);
  });

  test('is not held up by what systemd and CRLF consoles write', () => {
    const text = '[\u001b[0;32m  OK  \u001b[0m] Started \u001b[0;1;39mNetwork Time\u001b[0m.\r\n'.repeat(2000);
    expect(filter.find(Buffer.from(text), 0)).toEqual({ at: text.length, lines: 2000 });
  });

  test('counts lines up to the word, from any place', () => {
    const text = `${'a line\n'.repeat(9000)}and\na Kernel panic`;
    for (const from of [0, 1, 7 * 100, 7 * 4000 + 3]) {
      const at = text.indexOf('Kernel panic');
      const lines = text.slice(from, at).split('\n').length - 1;
      expect(filter.find(Buffer.from(text), from)).toEqual({ at, lines });
    }
    expect(filter.find(new Uint8Array(0), 0)).toEqual({ at: 0, lines: 0 });
  });

  test('sees a word across the border of blocks, and a block without line end', () => {
    for (const shift of [0, 1, 3, 5, 11, 12]) {
      const text = `\n${'a\n'.repeat(BLOCK / 2 - shift)}Kernel panic`;
      expect(holds(filter, text), String(shift)).toBe(true);
    }
    expect(filter.find(Buffer.from(`${'\n'.repeat(BLOCK)}${'a'.repeat(2 * BLOCK)}\n`), 0)).toEqual({
      at: BLOCK,
      lines: BLOCK,
    });
  });
});

describe('a scanner', () => {
  const words = ['abcd', 'bcda', 'aabb:', 'dddd'];
  const plain = fc.string({ unit: fc.constantFrom('a', 'b', 'c', 'd', ':', '\n'), maxLength: 80 });
  const coded = fc.string({
    unit: fc.constantFrom('a', 'b', 'c', 'd', '\n', '\r', '\u001b[1m', '\u001b[m', '\u001b'),
    maxLength: 60,
  });

  test.each([
    ['in WebAssembly', createWordScanner(words)],
    ['without', createSlowWordScanner(words)],
  ])('%s says what a plain search says', (_, scanner) => {
    fc.assert(
      fc.property(plain, (text) => {
        const found = scanner.find(Buffer.from(text), 0);
        const first = Math.min(...words.map((word) => text.indexOf(word)).map((at) => (at < 0 ? text.length : at)));
        expect(found.at).toBe(first);
        expect(found.lines).toBe(text.slice(0, first).split('\n').length - 1);
      }),
      { numRuns: 1000 },
    );
  });

  test.each([
    ['in WebAssembly', createWordScanner(words)],
    ['without', createSlowWordScanner(words)],
  ])('%s misses no word that is there when codes are taken out', (_, scanner) => {
    fc.assert(
      fc.property(coded, (text) => {
        const clean = text.split('\n').map(stripTerminal);
        if (clean.some((line) => words.some((word) => line.includes(word))))
          expect(holds(scanner, `${text}\n`)).toBe(true);
      }),
      { numRuns: 3000 },
    );
  });
});
