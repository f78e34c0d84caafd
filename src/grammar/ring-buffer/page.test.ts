import { describe, expect, test } from 'vitest';
import { readEntries, readPageHead } from './page.ts';
import { PAGE_4K, pageLayout } from './page-layout.ts';

/** A page with these words as its data. */
function pageOf(words: readonly number[], base = 1_000_000n, flags = 0): DataView {
  const page = new DataView(new ArrayBuffer(4096));
  page.setBigUint64(0, base, true);
  page.setUint32(8, (words.length * 4) | flags, true);
  for (const [i, word] of words.entries()) page.setUint32(16 + i * 4, word, true);
  return page;
}

function entries(page: DataView): { readonly events: readonly number[][]; readonly reason: string | undefined } {
  const events: number[][] = [];
  const head = readPageHead(page, PAGE_4K);
  if (head === null) return { events, reason: 'no head' };
  const reason = readEntries(page, PAGE_4K, head, (...event) => events.push(event));
  return { events, reason };
}

const data = (delta: number, words: number) => [(delta << 5) | words, ...Array<number>(words).fill(0)];

describe('entries', () => {
  test.each<[string, readonly number[], readonly number[][]]>([
    [
      'small events',
      [...data(5, 1), ...data(7, 2)],
      [
        [5, 20, 4],
        [12, 28, 8],
      ],
    ],
    [
      'an event with its length in front',
      [(3 << 5) | 0, 12, 1, 2, ...data(1, 1)],
      [
        [3, 24, 8],
        [4, 36, 4],
      ],
    ],
    [
      'a length that is no multiple of four',
      [(3 << 5) | 0, 9, 1, 2, ...data(1, 1)],
      [
        [3, 24, 5],
        [4, 36, 4],
      ],
    ],
    ['a long pause', [30 | (2 << 5), 1, ...data(5, 1)], [[2 ** 27 + 7, 28, 4]]],
    [
      'an absolute stamp',
      [...data(9, 1), 31 | (1_000_100 << 5), 0, ...data(5, 1)],
      [
        [9, 20, 4],
        [105, 36, 4],
      ],
    ],
    ['a discarded event', [29 | (6 << 5), 8, 0, ...data(5, 1)], [[11, 32, 4]]],
    ['a discarded event without time', [29 | (1 << 5), 4, ...data(5, 1)], [[5, 28, 4]]],
    ['the rest is empty', [...data(5, 1), 29, ...data(7, 1)], [[5, 20, 4]]],
  ])('%s', (_, words, expected) => {
    expect(entries(pageOf(words))).toEqual({ events: expected, reason: undefined });
  });
  test('an absolute stamp has 59 bits; the page knows the others', () => {
    const base = (1n << 60n) + 100n;
    expect(entries(pageOf([31 | (150 << 5), 0, ...data(1, 1)], base)).events).toEqual([[51, 28, 4]]);
  });
  test('the loss stands behind the events', () => {
    const page = pageOf(data(5, 1), 0n, 0xc000_0000 | 0);
    page.setBigUint64(24, 77n, true);
    expect(readPageHead(page, PAGE_4K)).toEqual({ base: 0n, lost: 77, used: 8 });
    expect(readPageHead(pageOf(data(5, 1), 0n, 0x8000_0000 | 0), PAGE_4K)).toMatchObject({ lost: null });
  });
});

describe('header_page', () => {
  const text = (data: number) =>
    `\tfield: u64 timestamp;\toffset:0;\tsize:8;\tsigned:0;\n\tfield: local_t commit;\toffset:8;\tsize:8;\tsigned:1;\n\tfield: char data;\toffset:16;\tsize:${data};\tsigned:0;\n`;
  test('pages of 4 and of 64 kB', () => {
    expect(pageLayout(text(4080))).toEqual(PAGE_4K);
    expect(pageLayout(text(65520))).toMatchObject({ pageBytes: 65536, dataAt: 16 });
  });
  test.each(['', 'field: u64 timestamp;', text(99_999_999)])('%j is none', (bad) => expect(pageLayout(bad)).toBeNull());
});
