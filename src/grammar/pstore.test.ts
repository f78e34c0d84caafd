import { expect, test } from 'vitest';
import { isPstore, orderPstore, type PstorePart, splitPstore } from './pstore.ts';

const part = (reason: string, count: number, number: number, file = 'f'): PstorePart => ({
  ...{ reason, count, part: number, file },
  at: { byte: 0, line: 1 },
  bytes: Buffer.alloc(0),
});
const names = (groups: PstorePart[][]) =>
  groups.map((group) => group.map(({ reason, count, part: number }) => `${reason}#${count}.${number}`).join(' '));

test.each([
  ['Oops#1 Part1\n<4>[', true],
  ['Panic#12 Part3\r\n', true],
  ['====1795000052.447811-D\nOops#1 Part1\n', true],
  ['====1795000052.447811-C\n', false],
  ['Oops#1 Part1 of the story\n', false],
  ['oops#1 Part1\n', false],
  ['\nOops#1 Part1\n', false],
])('%j begins a dump: %s', (head, is) => {
  expect(isPstore(Buffer.from(head))).toBe(is);
});

test('a file is cut before each header', () => {
  const text = '====1.2-D\nOops#1 Part1\n<4>b\nOops#1 Part2\n<4>a\né\nPanic#2 Part1\n';
  const parts = splitPstore('f', Buffer.from(text));
  expect(parts.map(({ reason, count, part: number, at }) => [reason, count, number, at])).toEqual([
    ['Oops', 1, 1, { byte: 0, line: 1 }],
    ['Oops', 1, 2, { byte: 28, line: 4 }],
    ['Panic', 2, 1, { byte: 49, line: 7 }],
  ]);
  expect(Buffer.concat(parts.map(({ bytes }) => bytes)).toString()).toBe(text);
});

test.each<[string, PstorePart[], string[]]>([
  ['the newest first', [part('Oops', 1, 1), part('Oops', 1, 2), part('Oops', 1, 3)], ['Oops#1.3 Oops#1.2 Oops#1.1']],
  ['in order', [part('Oops', 1, 2), part('Oops', 1, 1)], ['Oops#1.2 Oops#1.1']],
  ['the oops and the panic it led to', [part('Oops', 1, 1), part('Panic', 2, 1)], ['Oops#1.1', 'Panic#2.1']],
  [
    'the same number of two boots',
    [part('Oops', 1, 1), part('Oops', 1, 2), part('Oops', 1, 1)],
    ['Oops#1.2 Oops#1.1', 'Oops#1.1'],
  ],
  ['none', [], []],
])('parts are put together: %s', (_name, parts, wanted) => {
  expect(names(orderPstore(parts))).toEqual(wanted);
});
