import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { LogLine } from '../model/line.ts';
import { formOf } from './log-form.ts';
import { LogLines } from './log-lines.ts';

function read(log: string | Uint8Array, size = Number.MAX_SAFE_INTEGER, forms: 'all' | 'console' = 'all'): LogLine[] {
  const bytes = Buffer.from(log);
  const found: LogLine[] = [];
  const lines = new LogLines({ stream: 'file', file: 'log', live: false, forms, onLine: (line) => found.push(line) });
  for (let at = 0; at < bytes.length; at += size) lines.push(bytes.subarray(at, at + size), 0);
  lines.end();
  return found;
}

describe('the form of a log', () => {
  test.each<[string, string, string]>([
    ['lines', 'console', '[    0.000000] Linux version\n'],
    ['lines', 'JSON of another kind, then text', '{"level":"info"}\n[    1.0] BUG: a\n'],
    ['lines', 'a brace', '{'],
    ['lines', 'nothing but blanks', ' \n\n'],
    ['lines', 'a bracket that opens a stamp', '[12:00] {"__CURSOR":1}'],
    ['lines', 'an underscore', '__init_begin: 1'],
    ['json', 'dmesg', '{\n   "dmesg": [\n'],
    ['json', 'dmesg without blanks', '{"dmesg":[{"pri":4,"time":1.0,"msg":"a"}]}'],
    ['json', 'journalctl', '{"PRIORITY":"4","_BOOT_ID":"1"}\n'],
    ['json', 'a list of entries', '[ {"__REALTIME_TIMESTAMP" : "1"} ]'],
    ['json', 'a byte order mark', '\ufeff{"__CURSOR":"1"}'],
    ['export', 'journalctl', '__CURSOR=s=1;i=2\n'],
  ])('%s: %s', (form, _name, text) => {
    const bytes = Buffer.from(text);
    expect(formOf(bytes, true)).toBe(form);
    // What a piece of it says is never taken back.
    for (let end = 0; end < bytes.length; end++)
      expect([undefined, form]).toContain(formOf(bytes.subarray(0, end), false));
  });
});

describe('lines of a log', () => {
  test('of a console have what a console writes before them, and nothing else', () => {
    const log = `[    1.000000] a\n${' '.repeat(15)}b\nNov 21 02:52:42 vm kernel: c\n6,1,2000000,-;d\r\n`;
    const bodies = (forms: 'all' | 'console') => read(log, undefined, forms).map(({ body }) => body);
    expect(bodies('all')).toEqual(['a', 'b', 'c', 'd']);
    expect(bodies('console')).toEqual(['a', `${' '.repeat(15)}b`, 'Nov 21 02:52:42 vm kernel: c', '6,1,2000000,-;d']);
  });

  test('of one message share what stands before the first', () => {
    const log = '[   52.448235] \n               but task\n\n               which lock\nother\n               apart\n';
    expect(read(log).map(({ time, body }) => [time, body])).toEqual([
      [52.448235, ''],
      [52.448235, 'but task'],
      [undefined, ''],
      [52.448235, 'which lock'],
      [undefined, 'other'],
      [undefined, '               apart'],
    ]);
  });

  test('a stack behind a short prefix is no continuation', () => {
    expect(read('<4>a\n   b\n').map(({ body }) => body)).toEqual(['a', '   b']);
  });

  test.each<[string, string, Partial<LogLine>]>([
    [
      'the kernel',
      '{"_BOOT_ID":"b1","MESSAGE":"a","_SOURCE_MONOTONIC_TIMESTAMP":"1869453694","__MONOTONIC_TIMESTAMP":"9","_TRANSPORT":"kernel","PRIORITY":"6","SYSLOG_IDENTIFIER":"kernel","__REALTIME_TIMESTAMP":"1795000014098051"}',
      { body: 'a', time: 1869.453694, level: 6, ident: 'kernel', boot: 'b1', wall: '2026-11-18T11:06:54.098051Z' },
    ],
    ['a program', '{"_BOOT_ID":"b1","MESSAGE":"BUG: a","SYSLOG_IDENTIFIER":"sshd"}', { body: 'BUG: a', ident: 'sshd' }],
    ['bytes', '{"_BOOT_ID":"b1","MESSAGE":[104,105,255]}', { body: 'hi\ufffd' }],
    ['several values', '{"_BOOT_ID":"b1","MESSAGE":["first",[1,2]]}', { body: 'first' }],
    ['a stamp in the message', '{"_BOOT_ID":"b1","MESSAGE":"[   12.500000] a"}', { body: 'a', time: 12.5 }],
    [
      'dmesg',
      '{"dmesg":[{"pri":3,"time":  12.500000,"msg":"a"}]}',
      { body: 'a', time: 12.5, level: 3, ident: 'kernel' },
    ],
    ['dmesg -x', '{"dmesg":[{"fac":"user","pri":"warn","time":1,"msg":"a"}]}', { body: 'a', level: 4, ident: 'user' }],
    ['a facility in the number', '{"dmesg":[{"pri":12,"time":1,"msg":"a"}]}', { level: 4, ident: 'user' }],
  ])('in JSON, of %s', (_name, log, wanted) => {
    const lines = read(log);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatchObject({ ...wanted, file: 'log', byte: log.indexOf('{', log[2] === 'd' ? 1 : 0), line: 1 });
  });

  test.each([
    ['an entry without message', '{"_BOOT_ID":"b1","MESSAGE":null}'],
    ['numbers that are none', '{"_BOOT_ID":"b1","MESSAGE":{"a":1}}'],
    ['damaged', '{"_BOOT_ID":"b1","MESSAGE":}'],
  ])('in JSON, none of %s', (_name, log) => {
    expect(read(log)).toEqual([]);
  });

  test('in JSON of a message of several lines stand at its record', () => {
    const lines = read('{"_BOOT_ID":"b1","MESSAGE":"\\na\\nb"}\n');
    expect(lines.map(({ body, line, byte, endByte }) => [body, line, byte, endByte])).toEqual([
      ['', 1, 0, 36],
      ['a', 1, 0, 36],
      ['b', 1, 0, 36],
    ]);
  });

  test('name the boot that begins with them', () => {
    const log = 'a\n-- Boot 5f1d3c6a8b7e4f09a2c4d6e8f0a1b2c3 --\nb\n-- Reboot --\n-- Boot 1 --\n';
    expect(read(log).flatMap(({ boot }) => boot ?? [])).toEqual(['5f1d3c6a8b7e4f09a2c4d6e8f0a1b2c3', 'line 4']);
  });

  test('with bytes that are no UTF-8 keep the places of the raw bytes', () => {
    const lines = read(Buffer.from('[    1.000000] \xff\xfe\xe9\n[    1.1] b\r\n', 'latin1'));
    expect(lines.map(({ body, byte, endByte }) => [body, byte, endByte])).toEqual([
      ['\ufffd\ufffd\ufffd', 0, 19],
      ['b', 19, 32],
    ]);
  });

  test('of any bytes come whatever the pieces, in place', () => {
    const start = fc.constantFrom('', '{"__CURSOR":"1"}\n', '{\n "dmesg": [\n', '__CURSOR=s\n', '[{', '{');
    fc.assert(
      fc.property(
        start,
        fc.string({ unit: 'binary', maxLength: 300 }),
        fc.integer({ min: 1, max: 40 }),
        (head, rest, size) => {
          const bytes = Buffer.from(head + rest);
          const whole = read(bytes);
          expect(read(bytes, size)).toEqual(whole);
          for (const { byte, endByte } of whole) expect(byte <= endByte && endByte <= bytes.length).toBe(true);
        },
      ),
    );
  });
});
