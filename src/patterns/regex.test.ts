import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compileRegex, findRegex } from './regex.ts';

describe('compileRegex', () => {
  test.each([
    ['(?=a)', /look-ahead/],
    ['a(?!b)', /look-ahead/],
    ['(?<=a)b', /look-behind/],
    ['(?<!a)b', /look-behind/],
    ['(?>a)', /atomic/],
    ['(a)\\1', /back-references/],
    ['(?<n>a)\\k<n>', /back-references/],
    ['[a', /missing closing/],
    ['a*', /empty string/],
    ['', /matches everything/],
    ['a'.repeat(1001), /longer than/],
    ['(a{1,100}){1,100}', /repeat/],
    ['[ab]{900}[a-z]{900}', /too large|repeat/],
  ])('%s is refused with the reason', (source, reason) => {
    expect(compileRegex(source)).toEqual({ ok: false, reason: expect.stringMatching(reason) });
  });

  test.each([
    ['in (?P<fn>\\w+)', 'null-ptr-deref in vexfs_read', { fn: 'vexfs_read' }],
    ['in (?<fn>\\w+)', 'null-ptr-deref in vexfs_read', { fn: 'vexfs_read' }],
    ['\\(\\?=', 'a literal (?= here', {}],
    ['[(?=]\\\\1', '=\\1', {}],
    ['^second$', 'first\nsecond\nthird', {}],
    ['(?i)OOPS', 'oops', {}],
  ])('%s is fine', (source, text, groups) => {
    const regex = compileRegex(source);
    expect(regex.ok && findRegex(regex.re, text)?.groups).toEqual(groups);
  });

  test('the classic explosion takes linear time', () => {
    const regex = compileRegex('(x+x+)+y');
    const start = performance.now();
    expect(regex.ok && regex.re.test('x'.repeat(100_000))).toBe(false);
    expect(performance.now() - start).toBeLessThan(1000);
  });

  test('no expression makes it throw', () => {
    const piece = fc.constantFrom(
      '(',
      ')',
      '[',
      ']',
      '{1,9}',
      '*',
      '+',
      '?',
      '\\',
      'a',
      '|',
      '^',
      '$',
      '(?:',
      '(?<',
      '1',
      '-',
      'é',
      '\u{1F600}',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), fc.string(), (pieces, text) => {
        const regex = compileRegex(pieces.join(''));
        if (regex.ok) findRegex(regex.re, text);
        else expect(regex.reason).not.toBe('');
      }),
      { numRuns: 1000 },
    );
  });
});
