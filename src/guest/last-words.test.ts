import { deflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { keepsLastWords, LAST_WORDS, parseLastWords } from './last-words.ts';

/** A zone as fs/pstore/ram_core.c lays it out. */
function zone(data: Buffer, start = 0, signature = 0x4347_4244): Buffer {
  const head = Buffer.alloc(12);
  head.writeUInt32LE(signature, 0);
  head.writeUInt32LE(start, 4);
  head.writeUInt32LE(data.length, 8);
  return Buffer.concat([head, data]);
}

function memory(zones: Readonly<Record<number, Buffer>>): Buffer {
  const bytes = Buffer.alloc(LAST_WORDS.size);
  for (const [index, data] of Object.entries(zones)) data.copy(bytes, Number(index) * LAST_WORDS.record);
  return bytes;
}

const CONSOLE = LAST_WORDS.size / LAST_WORDS.record - 1;
const TEXT = 'Panic#1 Part1\n<0>[    4.0] Kernel panic - not syncing: x\n';

describe('parseLastWords', () => {
  test('memory that nobody wrote to says nothing', () => {
    expect(parseLastWords(memory({}))).toEqual([]);
  });

  test('plain and packed records, and what was printed all along', () => {
    const plain = zone(Buffer.from(`====1700000000.000001-D\n${TEXT}`));
    const packed = zone(
      Buffer.concat([Buffer.from('====1700000000.000002-C\n'), deflateRawSync(TEXT.replace('Panic', 'Oops'))]),
    );
    const text = '<0>[    4.0] Kernel panic - not syncing: x\n';
    expect(parseLastWords(memory({ 0: plain, 1: packed, [CONSOLE]: zone(Buffer.from('hello')) }))).toEqual([
      { reason: 'Panic', text },
      { reason: 'Oops', text },
      { reason: 'Console', text: 'hello' },
    ]);
  });

  test('a console that began anew at its start is put in order', () => {
    expect(parseLastWords(memory({ [CONSOLE]: zone(Buffer.from('world, hello '), 7) }))).toEqual([
      { reason: 'Console', text: 'hello world, ' },
    ]);
  });

  test.each([
    ['another signature', zone(Buffer.from(`====1.1-D\n${TEXT}`), 0, 1)],
    [
      'a size beyond the zone',
      Buffer.concat([zone(Buffer.alloc(0)).subarray(0, 8), Buffer.from([255, 255, 255, 255])]),
    ],
    ['a start beyond the size', zone(Buffer.from(`====1.1-D\n${TEXT}`), 9999)],
    ['no stamp', zone(Buffer.from(TEXT))],
    ['a packed record that does not unpack', zone(Buffer.from('====1.1-C\n\xff\xff\xff', 'latin1'))],
  ])('%s is passed over', (_name, bytes) => {
    expect(parseLastWords(memory({ 0: bytes }))).toEqual([]);
  });

  test('whatever stands there, it returns', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.boolean(), (bytes, signed) => {
        const data = Buffer.from(bytes);
        parseLastWords(signed ? memory({ 0: zone(data), [CONSOLE]: zone(data) }) : data);
      }),
    );
  });
});

test.each([
  [128, false],
  [320, true],
  [768, true],
])('%i MiB: %s', (memoryMiB, kept) => {
  expect(keepsLastWords(memoryMiB)).toBe(kept);
});
