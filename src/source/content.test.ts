import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { contentOf } from './content.ts';

const bytes = (text: string) => Buffer.from(text, 'latin1');
const noise = (length: number) => Uint8Array.from({ length }, (_, i) => (i * 197 + (i >> 3) * 31) % 256);

describe('the beginning of a file says what it is', () => {
  test.each<[string, Uint8Array]>([
    ['nothing', bytes('')],
    ['a line', bytes('[    0.000000] Linux version 6.1.0\n')],
    ['no line end', bytes('x')],
    ['terminal codes', bytes('\x1bc\x1b[?7l\x1b[2J\x1b[0mSeaBIOS\r\n')],
    ['Latin 1', bytes('M\xfcller schreibt \xfcber B\xe4ume\n')],
    [
      'zeros where the disk lost a block',
      Buffer.concat([new Uint8Array(3000), bytes('Nov 21 02:52:42 vm kernel: a\n')]),
    ],
    ['nothing but zeros', new Uint8Array(4096)],
    [
      'noise of a serial line before the text',
      Buffer.concat([noise(40), bytes('[    0.000000] Linux version\n'.repeat(20))]),
    ],
    ['BZ in a text', bytes('BZ#1234: a bug\n')],
    ['JSON', bytes('{"dmesg": []}')],
  ])('a log: %s', (_name, head) => {
    expect(contentOf(head)).toEqual({ kind: 'log' });
  });

  test.each<[string, Uint8Array, string]>([
    ['the program that runs this', readFileSync(process.execPath).subarray(0, 4096), 'an ELF file'],
    ['an image', bytes('\x89PNG\r\n\x1a\n\0\0\0\rIHDR'), 'a PNG image'],
    ['a journal', bytes('LPKSHHRH\0\0\0\0'), 'a journal file'],
    ['Windows text', Buffer.from('\ufeff[    0.0] a\n', 'utf16le'), 'text in UTF-16'],
    ['the same without its mark', Buffer.from('[    0.0] a\n'.repeat(9), 'utf16le'), 'binary data'],
    ['a tar archive', Buffer.concat([bytes('a.log'), new Uint8Array(252), bytes('ustar\0')]), 'a tar archive'],
    ['what ramoops packed', bytes('====1795000052.447811-C\n\x78\x9c'), 'a compressed record of ramoops'],
    ['noise', noise(4096), 'binary data'],
    ['noise behind zeros', Buffer.concat([new Uint8Array(1000), noise(3000)]), 'binary data'],
  ])('no log: %s', (_name, head, what) => {
    expect(contentOf(head)).toMatchObject({ kind: 'other', what });
  });
});
