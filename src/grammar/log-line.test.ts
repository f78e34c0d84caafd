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
  ['dmesg -x of a program', 'user  :warn  : [    1.000000] a', { body: 'a', level: 4, ident: 'user' }],
  ['dmesg -x -T', 'kern  :err   : [Sat Nov 21 02:31:46 2026] a', { body: 'a', level: 3, ident: 'kernel' }],
  ['dmesg -x -T of a program', 'daemon:err   : [Sat Nov 21 02:31:46 2026] a', { body: 'a', ident: 'daemon' }],
  ['dmesg -d', '[ 1869.453201 <    0.000030>] a', { body: 'a', time: 1869.453201, ident: 'kernel' }],
  [
    'dmesg -d -T',
    '[Sat Nov 21 02:31:46 2026 <    0.000030>] a',
    { body: 'a', wall: '2026-11-21T02:31:46', ident: 'kernel' },
  ],
  ['dmesg -e', '[  +0.000030] a', { body: 'a', ident: 'kernel' }],
  ['dmesg -e, a minute', '[Nov21 02:31] a', { body: 'a', wall: '--11-21T02:31', ident: 'kernel' }],
  ['dmesg -e, early in a month', '[Nov 1 02:31] a', { body: 'a', wall: '--11-01T02:31' }],
  ['dmesg delta', '[<    0.000030>] a', { body: 'a', ident: 'kernel' }],
  ['a record of a program', '12,347,1869453171,-;a', { body: 'a', level: 4, ident: 'user' }],
  ['journal short-delta', '[ 1869.453694 <    0.000030 >] vm kernel: a', { body: 'a', time: 1869.453694 }],
  ['journal short-delta, first', '[ 1869.453694                ] vm sshd[1]: a', { body: 'vm sshd[1]: a' }],
  ['journal short-unix', '1795000052.443564 vm kernel: a', { body: 'a', wall: '2026-11-18T11:07:32.443564Z' }],
  ['a number at the start', '1795000052.443564 seconds', { body: '1795000052.443564 seconds' }],
  ['a zone of digits', 'Sat 2026-11-21 02:52:42 +03 vm kernel: a', { body: 'a', ident: 'kernel' }],
  [
    'RFC 5424',
    '<4>1 2026-11-21T02:52:42.7+00:00 vm kernel - - - [   12.5] a',
    { body: 'a', time: 12.5, ident: 'kernel' },
  ],
  ['RFC 5424 with data', '<12>1 2026-11-21T02:52:42Z vm sh 7 id [x y="z"] a', { body: 'a', ident: 'user' }],
  ['RFC 3164 with priority', '<4>Nov 21 02:52:42 vm kernel: [   12.5] a', { body: 'a', time: 12.5, level: 4 }],
  ['a program of a user unit', 'Nov 21 02:52:42 vm (sd-pam)[12]: BUG: a', { body: 'BUG: a', ident: '(sd-pam)' }],
  ['terminal colours', '\u001b[0;32m[    1.500000] a\u001b[0m', { body: 'a', time: 1.5 }],
  ['zeros of a lost block', '\0\0\0[    1.500000] a', { body: 'a', time: 1.5 }],
  ['a byte order mark', '\ufeff[    1.500000] a', { body: 'a', time: 1.5 }],
  ['overwritten line', '10%\r20%\r[    1.500000] a', { body: 'a', time: 1.5 }],
  ['two lines with a lone CR between', '[    1.500000] a\r[    1.600000] b', { body: 'a[    1.600000] b', time: 1.5 }],
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
