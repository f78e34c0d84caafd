import { describe, expect, test } from 'vitest';
import { AnswerReader } from './line-answer.ts';

const read = (addresses: readonly bigint[], output: string) => {
  const reader = new AnswerReader(addresses);
  for (const line of output.split('\n')) {
    const state = reader.push(line);
    if (state !== 'more') return state;
  }
  return 'more';
};

const GNU_END = '0xffffffffffffffff\n??\n??:0';

describe('lines of addr2line are', () => {
  test.each<[string, readonly bigint[], string, ReturnType<AnswerReader['push']>]>([
    [
      'an inlined function before the one that it is in',
      [0x8c90n],
      `0x0000000000008c90\ninner\n/k/fs/a.h:138\nouter\n/k/fs/b.c:49 (discriminator 3)\n${GNU_END}`,
      [
        [
          { fn: 'inner', file: '/k/fs/a.h', line: 138 },
          { fn: 'outer', file: '/k/fs/b.c', line: 49 },
        ],
      ],
    ],
    ['nothing where nothing is known', [1n], `0x0000000000000001\n??\n??:0\n${GNU_END}`, [[]]],
    [
      'a function without a place',
      [1n, 2n],
      `0x0000000000000001\n__SCT__a\n??:?\n0x0000000000000002\nb\nb.c:?\n${GNU_END}`,
      [[{ fn: '__SCT__a' }], [{ fn: 'b' }]],
    ],
    [
      'a path with a colon',
      [1n],
      `0x0000000000000001\na\n/x:y/a.c:7\n${GNU_END}`,
      [[{ fn: 'a', file: '/x:y/a.c', line: 7 }]],
    ],
    [
      'the same address twice',
      [1n, 1n],
      `0x1\na\na.c:7\n0x1\na\na.c:7\n${GNU_END}`,
      [[{ fn: 'a', file: 'a.c', line: 7 }], [{ fn: 'a', file: 'a.c', line: 7 }]],
    ],
    // llvm-symbolizer does not fill up with zeros; binutils has eight digits for files of 32 bits.
    [
      'addresses of other widths',
      [0xc0de00n],
      '0x00c0de00\na\na.c:7\n0xffffffff\n??\n??:0',
      [[{ fn: 'a', file: 'a.c', line: 7 }]],
    ],
    ['not there yet', [1n], '0x0000000000000001\na\na.c:7\n0xffffffffffffffff\n??', 'more'],
    ['not those of another address', [1n], '0x0000000000000002\na\na.c:7', 'broken'],
    ['not words', [1n], 'addr2line: x: file format not recognized', 'broken'],
  ])('%s', (_what, addresses, output, expected) => {
    expect(read(addresses, output)).toEqual(expected);
  });

  test('not more functions than compilers inline', () => {
    expect(read([1n], `0x1\n${'a\na.c:1\n'.repeat(300)}${GNU_END}`)).toBe('broken');
  });
});
