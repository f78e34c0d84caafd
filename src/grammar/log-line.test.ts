import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readLogLine } from './log-line.ts';

const raw = (text: string) => ({ byte: 0, endByte: text.length + 1, line: 1, text, cut: false });
const read = (text: string, forms: 'all' | 'console' = 'all') => readLogLine(raw(text), 'console', { forms });

/** Forms of kernel/printk/printk.c, util-linux dmesg, systemd journalctl and RFC 3164; what each says about the line. */
const FORMS: readonly (readonly [string, string, Readonly<Record<string, unknown>>])[] = [
  ['no prefix', 'hello', { body: 'hello' }],
  ['dmesg', '[ 1869.453171] vexfs: a', { body: 'vexfs: a', time: 1869.453171 }],
  ['dmesg -r', '<5>[ 1869.453171] vexfs: a', { body: 'vexfs: a', time: 1869.453171, level: 5 }],
  ['facility in the level', '<12>[    1.000000] a', { body: 'a', time: 1, level: 4 }],
  ['dmesg -x', 'kern  :warn  : [ 1869.453171] a', { body: 'a', time: 1869.453171, level: 4 }],
  ['dmesg -T', '[Sat Nov 21 02:31:46 2026] a', { body: 'a', wall: '2026-11-21T02:31:46', ident: 'kernel' }],
  [
    'dmesg iso',
    '2026-11-21T02:31:46,453171+00:00 usb 1-1: a',
    { body: 'usb 1-1: a', wall: '2026-11-21T02:31:46.453171+00:00' },
  ],
  ['caller task', '[   12.345678][  T123] a', { body: 'a', time: 12.345678, caller: 'T123' }],
  ['caller CPU', '[   12.345678][    C1]  a', { body: ' a', time: 12.345678, caller: 'C1' }],
  ['record', '12,347,1869453171,-;a', { body: 'a', time: 1869.453171, level: 4, seq: 347 }],
  ['record with caller', '6,1,2000000,-,caller=T9;a', { body: 'a', time: 2, level: 6, seq: 1, caller: 'T9' }],
  ['journal short', 'Nov 21 02:52:42 vm kernel: a', { body: 'a', wall: '--11-21T02:52:42', ident: 'kernel' }],
  ['journal other', 'Nov 21 02:52:42 vm sshd[12]: WARNING: a', { body: 'WARNING: a', ident: 'sshd' }],
  ['RFC 3164 with stamp', 'Nov 21 02:52:42 vm kernel: [   12.5] a', { body: 'a', time: 12.5, ident: 'kernel' }],
  ['journal short-monotonic', '[ 1869.453694] vm kernel: a', { body: 'a', time: 1869.453694, ident: 'kernel' }],
  ['journal short-iso-precise', '2026-11-21T02:52:42.745635+0000 vm kernel: a', { body: 'a', ident: 'kernel' }],
  [
    'journal short-full',
    'Sat 2026-11-21 02:52:42 UTC vm kernel: a',
    { body: 'a', wall: '2026-11-21T02:52:42', ident: 'kernel' },
  ],
  ['terminal colours', '\u001b[0;32m[    1.500000] a\u001b[0m', { body: 'a', time: 1.5 }],
  ['overwritten line', '10%\r20%\r[    1.500000] a', { body: 'a', time: 1.5 }],
  ['login prompt', 'vm login: [    1.500000] a', { body: 'a', time: 1.5 }],
  ['dropped messages', '** 12 printk messages dropped ** [    1.500000] a', { body: 'a', time: 1.5, dropped: 12 }],
  ['dropped, nobody knows how many', '** printk messages dropped **', { body: '', dropped: null }],
  ['not a stamp', '[drm] a', { body: '[drm] a' }],
  ['not a stamp either', '[1.2.3] a', { body: '[1.2.3] a' }],
];

describe('log lines', () => {
  test.each(FORMS)('%s', (_, text, wanted) => {
    expect(read(text)).toMatchObject(wanted);
  });

  test('a console knows no collectors', () => {
    expect(read('Nov 21 02:52:42 vm kernel: a', 'console').body).toBe('Nov 21 02:52:42 vm kernel: a');
    expect(read('[   12.345678][  T123] a', 'console')).toMatchObject({ body: 'a', caller: 'T123' });
  });

  test('any text gives a body that is its end', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => {
        const line = read(text);
        expect(line.text.endsWith(line.body)).toBe(true);
        expect(JSON.parse(JSON.stringify(line))).toEqual(line);
      }),
    );
  });
});
