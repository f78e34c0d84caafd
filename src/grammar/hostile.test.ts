import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { HEADLINES } from './headlines.ts';
import { LINE_ROWS } from './report-line.ts';
import type { ReportUpdate } from './report-reader.ts';
import { SAMPLE_REPORTS } from './samples/samples.ts';
import { SAMPLES as samples } from './samples.ts';
import { STATEMENTS } from './statements/statements.ts';
import { readLog, stamped } from './testing.ts';

const LOG = stamped(
  [...Object.values(samples), ...SAMPLE_REPORTS.filter((_, at) => at % 4 === 0).map(({ text }) => text)].join(
    'usb 1-1: new device\n'.repeat(4),
  ),
);
const BYTES = Buffer.from(LOG);
const PROFILES = ['default', 'syzkaller'] as const;

/** What must hold of everything that a reader says, whatever it was given. */
function check(updates: readonly ReportUpdate[], bytes: number): void {
  const seen = new Map<string, number>();
  for (const { report, final } of updates) {
    const before = seen.get(report.key) ?? 0;
    expect(final ? [1, 2] : [0, 1]).toContain(before);
    seen.set(report.key, final ? 3 : before + 1);
    expect(JSON.parse(JSON.stringify(report))).toEqual(report);
    expect(report.windowLines).toBeLessThanOrEqual(report.lines.length);
    for (const { place } of report.lines) {
      expect(place.byte).toBeLessThan(place.endByte);
      expect(place.endByte).toBeLessThanOrEqual(bytes);
    }
  }
  expect(updates.filter(({ final }) => final).length).toBe(seen.size);
}

/** Lines of every kind that the tables know, in any order, whole or cut, plain or with a prefix. */
const anyLine = fc
  .tuple(
    fc.constantFrom(
      ...LINE_ROWS.map((row) => row.sample),
      ...Object.values(STATEMENTS).flatMap((rows) => rows.map((row) => row.sample)),
      ...HEADLINES.map((row) => row.text),
      'other',
      '',
    ),
    fc.constantFrom(
      '',
      '[    1.000000] ',
      '[    1.000100][  T12] ',
      '[    1.000200][   C1] ',
      '<4>[    2.000000] ',
      'x ',
    ),
    fc.nat(200),
    fc.boolean(),
  )
  .map(([text, prefix, cut, whole]) => prefix + (whole ? text : text.slice(0, cut)));

describe('hostile logs', () => {
  test('cut into any chunks they give the same', () => {
    const whole = readLog(BYTES);
    fc.assert(
      fc.property(fc.array(fc.nat(BYTES.length), { maxLength: 20 }), (cuts) => {
        expect(readLog(BYTES, 'default', cuts)).toEqual(whole);
      }),
      { numRuns: 15 },
    );
  });

  test('with CRLF they give the same', () => {
    const plain = readLog(BYTES).map(({ report, final }) => [report.headline, report.sections, final]);
    const crlf = readLog(LOG.replaceAll('\n', '\r\n')).map(({ report, final }) => [
      report.headline,
      report.sections,
      final,
    ]);
    expect(crlf).toEqual(plain);
  });

  test.each(PROFILES)('cut off anywhere they keep the invariants (%s)', (profile) => {
    fc.assert(
      fc.property(fc.nat(BYTES.length), (end) => {
        check(readLog(BYTES.subarray(0, end), profile), end);
      }),
      { numRuns: 25 },
    );
  });

  test.each(PROFILES)('of any lines in any order they keep the invariants (%s)', (profile) => {
    fc.assert(
      fc.property(fc.array(anyLine, { maxLength: 60 }), (lines) => {
        const bytes = Buffer.from(`${lines.join('\n')}\n`);
        check(readLog(bytes, profile), bytes.length);
      }),
      { numRuns: 150 },
    );
  });

  test.each(PROFILES)('of any bytes they keep the invariants (%s)', (profile) => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), fc.nat(BYTES.length), (noise, at) => {
        const bytes = Buffer.concat([BYTES.subarray(0, at), noise, BYTES.subarray(at)]);
        check(readLog(bytes, profile), bytes.length);
      }),
      { numRuns: 25 },
    );
  });

  test('a line of 64 KiB of any pattern costs no more than its length', () => {
    const pieces = [
      'a',
      ' ',
      '/a',
      '.c:1',
      'BUG: ',
      'at: ',
      '[<f>] ',
      'IP: ',
      '(',
      'WARNING: lib/kobject.c:1 ',
      'a+0x1/0x2 ',
      '{',
      '0 ',
      ', at: (a){',
    ];
    for (const piece of pieces) {
      const line = `[    1.000000] ${piece.repeat(65_536 / piece.length)}\n`;
      const log = `[    0.5] ${samples.NULL_DEREF.split('\n')[0]}\n${line.repeat(10)}`;
      const from = performance.now();
      readLog(log);
      expect(performance.now() - from, piece).toBeLessThan(1500);
    }
  });

  test('open reports and their size are bounded', () => {
    const many = Array.from({ length: 200 }, (_, i) => `[    1.0][  T${i}] BUG: memory leak\n`).join('');
    const open = readLog(many);
    expect(open.filter(({ final }) => final).length).toBe(200);
    expect(open.findIndex(({ final }) => final)).toBeLessThan(40);
    const long = `[    1.0] BUG: kernel NULL pointer dereference, address: 0\n${'[    1.0]  f+0x1/0x2\n'.repeat(20_000)}`;
    expect(Math.max(...readLog(long).map(({ report }) => report.lines.length))).toBeLessThanOrEqual(4_000);
  });
});
