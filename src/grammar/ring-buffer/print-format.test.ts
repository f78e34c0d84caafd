import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { openPages } from '../../run/trace-pages.ts';
import type { EventField } from './event-format.ts';
import { parseFormats } from './event-format.ts';
import { compilePrint } from './print-format.ts';

/** A record with one field of 8 bytes, `v`, and a text, `name`. */
const FIELDS: readonly EventField[] = [
  { name: 'v', type: 'u64', shape: 'integer', offset: 8, size: 8, signed: false, element: 8 },
  { name: 'i', type: 'int', shape: 'integer', offset: 8, size: 4, signed: true, element: 4 },
  { name: 'name', type: 'char', shape: 'string', offset: 16, size: 8, signed: false, element: 1 },
  { name: 'loc', type: 'char', shape: 'dynamic', offset: 24, size: 4, signed: false, element: 1 },
  { name: 'rel', type: 'u8', shape: 'relative', offset: 28, size: 4, signed: false, element: 1 },
  { name: 'list', type: 'unsigned short', shape: 'array', offset: 32, size: 4, signed: false, element: 2 },
];

function print(format: string, value = 0n): string | undefined {
  const bytes = Buffer.alloc(48);
  bytes.writeBigUInt64LE(BigInt.asUintN(64, value), 8);
  bytes.write('ab\0zzzzz', 16, 'latin1');
  bytes.writeUInt32LE((5 << 16) | 36, 24);
  bytes.writeUInt32LE((2 << 16) | 8, 28);
  bytes.writeUInt16LE(7, 32);
  bytes.writeUInt16LE(9, 34);
  bytes.write('text\0\x01\x02', 36, 'latin1');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const place = (address: bigint) =>
    address === 0xff10n ? { name: 'f', offset: 16, size: 32, module: 'm' } : undefined;
  return compilePrint(format, FIELDS)?.({ view, at: 0, length: bytes.length }, place);
}

describe('print fmt', () => {
  test.each<[string, bigint, string]>([
    ['"v=%llu", REC->v', 18446744073709551615n, 'v=18446744073709551615'],
    [
      '"%d %u %x %#x %08lx", REC->i, REC->i, REC->i, REC->i, REC->v',
      -2n,
      '-2 4294967294 fffffffe 0xfffffffe fffffffffffffffe',
    ],
    [
      '"%hu|%hhd|%5d|%-5d|%05d|%+d", REC->v, REC->v, REC->i, REC->i, REC->i, REC->i',
      258n,
      '258|2|  258|258  |00258|+258',
    ],
    ['"%s %.1s %4s%%", REC->name, REC->name, REC->name', 0n, 'ab a   ab%'],
    ['"%s %d", __get_str(loc), __get_dynamic_array_len(loc)', 0n, 'text 5'],
    [
      '"%s %s", __print_hex(__get_rel_dynamic_array(rel), 2), __print_hex_str(__get_rel_dynamic_array(rel), 2)',
      0n,
      '00 01 0001',
    ],
    ['"%d %s", REC->list[1], __print_array(REC->list, 2, 2)', 0n, '9 {0x7,0x9}'],
    [
      '"%pS %ps %p %pS", (void *)REC->v, (void *)REC->v, REC->v, 4096',
      0xff10n,
      'f+0x10/0x20 [m] f [m] 000000000000ff10 0x1000',
    ],
    ['"%s", __print_flags(REC->v, "|", { 1, "A" }, { 6, "B" })', 15n, 'A|B|0x8'],
    ['"%s", __print_symbolic(REC->v, { 0, "ZERO" }, { 1 + 1, "TWO" }, { UNKNOWN, "?" })', 2n, 'TWO'],
    ['"%s", __print_symbolic(REC->v, { 0, "ZERO" })', 9n, '0x9'],
    ['"%s", REC->v & (1UL << (3)) ? "yes" : "n" "o"', 8n, 'yes'],
    ['"%d", 2 + 3 * 4 - 1 == 13 && !(1 > 2) || 0', 0n, '1'],
    ['"%d %u", (unsigned char)REC->v, (u16)~REC->v', 0x1ffn, '255 65024'],
    ['"%*d|%.*s", 4, REC->i, 1, REC->name', 7n, '   7|a'],
    ["\"%c%c\", 'x', '\\\\'", 0n, 'x\\'],
    ['"%s", REC->v ? (char *)REC->v : "none"', 0n, 'none'],
    ['"no arguments\\n"', 0n, 'no arguments\n'],
  ])('%s of %s', (format, value, expected) => {
    expect(print(format, value)).toBe(expected);
  });
  test.each([
    ['a field that is not there', '"%d", REC->gone'],
    ['a name of the compiler', '"%d", SOME_ENUM'],
    ['a function of the kernel', '"%d", page_to_nid(REC->v)'],
    ['too few arguments', '"%d %d", REC->v'],
    ['a statement', '"%d", ({ int x = 1; x; })'],
    ['no format', 'REC->v'],
    ['nothing', ''],
    ['nesting without end', `"%d", ${'('.repeat(10_000)}1${')'.repeat(10_000)}`],
    ['prefixes without end', `"%d", ${'!'.repeat(10_000)}1`],
  ])('%s is left to the plain form', (_, format) => {
    expect(print(format)).toBeUndefined();
  });
});

describe('formats', () => {
  test('of a recording', () => {
    const { formats } = openPages(
      fileURLToPath(new URL('../../../fixtures/traces/6.18/pages', import.meta.url)),
    ).options;
    const kmalloc = formats.find(({ name }) => name === 'kmalloc');
    expect(kmalloc?.fields.map(({ name }) => name)).toEqual([
      ...['common_type', 'common_flags', 'common_preempt_count', 'common_pid'],
      ...['call_site', 'ptr', 'bytes_req', 'bytes_alloc', 'gfp_flags', 'node'],
    ]);
    const exec = formats.find(({ name }) => name === 'sched_process_exec');
    expect(exec?.fields.find(({ name }) => name === 'filename')).toMatchObject({ shape: 'dynamic', element: 1 });
  });
  test('damaged ones are left out', () => {
    expect(
      parseFormats('name: a\nID: x\nprint fmt: ""\n\nname: b\nID: 7\nformat:\n\tfield:;\n\nprint fmt: "x"\n'),
    ).toEqual([{ name: 'b', id: 7, fields: [], print: '"x"' }]);
  });
  // What this machine's kernel has is more than any fixture; tracefs is root's.
  const events = '/sys/kernel/tracing/events';
  test.skipIf(!readable(events))("nearly all formats of this machine's kernel have their own words", () => {
    const formats = readdirSync(events).flatMap((system) =>
      readable(join(events, system))
        ? readdirSync(join(events, system))
            .map((event) => join(events, system, event, 'format'))
            .filter((file) => existsSync(file))
            .flatMap((file) => parseFormats(readFileSync(file, 'utf8')))
        : [],
    );
    const unread = formats.filter(({ print, fields }) => compilePrint(print, fields) === null);
    expect(formats.length).toBeGreaterThan(100);
    expect(unread.length / formats.length).toBeLessThan(0.12);
  });
});

function readable(path: string): boolean {
  try {
    readdirSync(path);
    return true;
  } catch {
    return false;
  }
}
