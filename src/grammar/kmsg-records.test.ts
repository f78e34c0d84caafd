import { describe, expect, test } from 'vitest';
import type { RawLine } from '../base/lines.ts';
import { KmsgRecords } from './kmsg-records.ts';

const raw = (text: string, cut = false): RawLine => ({ byte: 0, endByte: text.length, line: 1, text, cut });
const expand = (...lines: string[]) => {
  const records = new KmsgRecords();
  return lines.map((line) => records.expand(raw(line)).map(({ text }) => text));
};

describe('KmsgRecords', () => {
  test.each<[string, string, string[]]>([
    ['a plain record stays', '6,1,2,-;text', ['6,1,2,-;text']],
    ['a tab', '6,1,2,-;a\\x09b', ['6,1,2,-;a\tb']],
    ['a backslash that looks like an escape', '6,1,2,-;a\\x5cx0ab', ['6,1,2,-;a\\x0ab']],
    ['a newline within a record', '6,1,2,-,caller=T1;a\\x0ab', ['6,1,2,-,caller=T1;a', '6,1,2,-,caller=T1;b']],
    ['UTF-8', '12,1,2,-;\\xc3\\xa9', ['12,1,2,-;é']],
    ['bytes that are no UTF-8', '12,1,2,-;\\xff', ['12,1,2,-;\ufffd']],
    ['another format', '[    1.0] a\\x09b', ['[    1.0] a\\x09b']],
  ])('%s', (_name, line, expected) => {
    expect(expand(line)).toEqual([expected]);
  });

  test('properties of a record are no text, indented lines of other formats are', () => {
    expect(expand('6,1,2,-;dev', ' SUBSYSTEM=block', ' DEVICE=b8:0', 'x', ' y')).toEqual([
      ['6,1,2,-;dev'],
      [],
      [],
      ['x'],
      [' y'],
    ]);
  });

  test('a record of nothing but newlines is bounded, and only its first line says that it was cut', () => {
    const lines = new KmsgRecords().expand(raw(`6,1,2,-;${'\\x0a'.repeat(5000)}`, true));
    expect(lines.length).toBe(1024);
    expect(lines.filter(({ cut }) => cut).length).toBe(1);
  });

  test('holes are counted exactly; a reboot and the lines of one record are none', () => {
    const records = new KmsgRecords();
    expect([100, 101, 101, 105, 3, 4].map((seq) => records.lostBefore(seq))).toEqual([0, 0, 0, 3, 0, 0]);
  });
});
