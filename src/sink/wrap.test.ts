import fc from 'fast-check';
import { expect, test } from 'vitest';
import { clip, wrap } from './wrap.ts';

test.each([
  ['', 10, ['']],
  ['one', 10, ['one']],
  ['one two three', 7, ['one two', 'three']],
  ['a verylongword b', 5, ['a', 'verylongword', 'b']],
  ['  spaces   in between ', 80, ['spaces in between']],
])('wrap(%j, %d)', (text, width, lines) => {
  expect(wrap(text, width)).toEqual(lines);
});

test('no word is lost, and no line is longer than its width or one word', () => {
  fc.assert(
    fc.property(fc.array(fc.stringMatching(/^[a-z]{1,12}$/)), fc.integer({ min: 1, max: 40 }), (words, width) => {
      const lines = wrap(words.join(' '), width);
      expect(lines.join(' ')).toBe(words.join(' '));
      for (const line of lines) expect(line.length <= width || !line.includes(' ')).toBe(true);
    }),
  );
});

test.each([
  ['short', 5, 'short'],
  ['longer', 5, 'long…'],
  ['x', 0, '…'],
])('clip(%j, %d)', (text, width, expected) => {
  expect(clip(text, width)).toBe(width === 0 ? 'x…' : expected);
});
