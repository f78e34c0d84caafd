import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { didYouMean, escapeTerminal, formatBytes, formatMs, toJson } from './text.ts';

describe('escapeTerminal', () => {
  test.each([
    ['colour and cursor', '\x1b[31mred\x1b[2J', '\\x1b[31mred\\x1b[2J'],
    ['a title of the window', '\x1b]0;owned\x07', '\\x1b]0;owned\\x07'],
    ['backspaces that hide', 'rm -rf /\b\b\b', 'rm -rf /\\x08\\x08\\x08'],
    ['line ends', 'a\r\nb', 'a\\x0d\\x0ab'],
    ['C1 controls', '\u009b31m\u0085', '\\x9b31m\\x85'],
    ['NUL and DEL', '\0\x7f', '\\x00\\x7f'],
    ['text that runs backwards', 'a\u202eb\u2066c\u2069', 'a\\u202eb\\u2066c\\u2069'],
    ['what is harmless', 'tab\t äöü 漢字 🙂 \ufffd \\x1b', 'tab\t äöü 漢字 🙂 \ufffd \\x1b'],
  ])('%s', (_name, text, expected) => {
    expect(escapeTerminal(text)).toBe(expected);
  });

  test('no text gets a control character through, and escaping twice changes nothing', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const safe = escapeTerminal(text);
        for (const char of safe) expect(/\p{Cc}/u.test(char) && char !== '\t').toBe(false);
        expect(escapeTerminal(safe)).toBe(safe);
      }),
    );
  });
});

test.each([
  ['kernle', ['kernel', 'memory'], 'kernel'],
  ['nul-deref', ['null-deref', 'divide-error'], 'null-deref'],
  ['atach', ['attach', 'analyze'], 'attach'],
  ['xyz', ['attach', 'analyze'], undefined],
  ['a', [], undefined],
  ['same', ['same'], 'same'],
])('didYouMean %j', (word, candidates, expected) => {
  expect(didYouMean(word, candidates)).toBe(expected);
});

test('JSON is the same value, with nothing that moves a cursor', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.string({ unit: 'binary' }), (value, text) => {
      const json = toJson([value, text, '\x9b2J\x7f\u202e']);
      expect(json).not.toMatch(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/u);
      expect(JSON.parse(json)).toEqual(JSON.parse(JSON.stringify([value, text, '\x9b2J\x7f\u202e'])));
    }),
  );
});

test('didYouMean of a very long word takes no time', () => {
  const start = performance.now();
  expect(didYouMean(`attach${'x'.repeat(1_000_000)}`, ['attach', 'y'.repeat(1_000_000)])).toBe(undefined);
  expect(performance.now() - start).toBeLessThan(1000);
});

test.each([
  [0, '0ms'],
  [999.4, '999ms'],
  [999.6, '1.0s'],
  [1000, '1.0s'],
  [59_940, '59.9s'],
  [59_960, '1m00s'],
  [60_000, '1m00s'],
  [119_700, '2m00s'],
  [3_725_000, '62m05s'],
])('formatMs(%d) is %s', (ms, expected) => {
  expect(formatMs(ms)).toBe(expected);
});

test.each([
  [0, '0 bytes'],
  [999, '999 bytes'],
  [1000, '1.0 kB'],
  [99_949, '99.9 kB'],
  [99_951, '100 kB'],
  [999_940, '1000 kB'],
  [999_960, '1.0 MB'],
  [4_321_000_000, '4.3 GB'],
])('formatBytes(%d) is %s', (bytes, expected) => {
  expect(formatBytes(bytes)).toBe(expected);
});
