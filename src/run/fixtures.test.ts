import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { BpftraceReader } from '../bpftrace-wrapper/index.ts';
import { type FtraceRecord, FtraceSplitter } from '../grammar/ftrace/index.ts';
import { packageRoot } from '../guest/paths.ts';
import { type Finding, isFinding } from '../model/event.ts';
import { eventSchema } from '../model/event-schema.ts';
import { readConsole, type Summary, summaryOf } from './testing-summary.ts';

/** Recordings of real guests, one a fault, each with its provenance and what must be found (`npm run test:update` rewrites that). */
const ROOT = join(packageRoot(), 'fixtures/guests');

interface Fixture {
  readonly name: string;
  readonly file: string;
  readonly about: Record<string, unknown> & { streams: Record<string, unknown>; expected: Summary[] };
}

const fixtures: Fixture[] = readdirSync(ROOT, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.json'))
  .sort()
  .map((name) => ({
    name: name.slice(0, -5),
    file: join(ROOT, name),
    about: JSON.parse(readFileSync(join(ROOT, name), 'utf8')),
  }));

test('there are recordings of each kernel, each with its provenance', () => {
  expect(new Set(fixtures.map(({ name }) => name.split('/')[0]))).toEqual(
    new Set(['stock', '6.12', 'kasan', 'kcsan', 'arm64']),
  );
  for (const { about } of fixtures) {
    expect(about).toMatchObject({
      kernel: expect.any(String),
      configuration: expect.any(String),
      fault: expect.any(String),
      command: expect.any(String),
    });
  }
});

/** `sp : …`, `x29: …`, as arch/arm64/kernel/process.c __show_regs prints them. */
const ARM64_REGISTER = /\b(sp|x\d\d?) ?: ([0-9a-f]{16})\b/g;

test.each(fixtures.filter(({ name }) => name.startsWith('arm64/')))('$name has all registers', ({ file }) => {
  const bytes = readFileSync(file.replace(/json$/, 'console'));
  const found = readConsole(bytes)
    .filter((event): event is Finding => isFinding(event) && event.final)
    .map((finding): unknown => finding.details.registers)
    .filter((registers) => registers !== undefined);
  const shown: Record<string, string>[] = [];
  for (const [, name = '', value = ''] of bytes.toString('latin1').matchAll(ARM64_REGISTER)) {
    if (name === 'sp') shown.push({});
    Object.assign(shown.at(-1) ?? {}, { [name]: `0x${value}` });
  }
  for (const block of shown) expect(Object.keys(block).length).toBe(31);
  expect(found).toMatchObject(shown);
});

describe.each(fixtures)('$name', ({ file, about }) => {
  const stream = (name: string) =>
    name in about.streams ? readFileSync(file.replace(/json$/, name)) : Buffer.alloc(0);
  const bytes = stream('console');

  test('the console gives the findings that it must, in any chunks, with CRLF or LF', () => {
    const found = summaryOf(readConsole(bytes));
    if (process.env.UPDATE_GOLDEN === '1') {
      writeFileSync(file, `${JSON.stringify({ ...about, expected: found }, null, 2)}\n`);
      return;
    }
    expect(found).toEqual(about.expected);
    expect(summaryOf(readConsole(bytes, 7))).toEqual(about.expected);
    expect(summaryOf(readConsole(bytes, 1021))).toEqual(about.expected);
    const lf = Buffer.from(bytes.toString('latin1').replaceAll('\r\n', '\n'), 'latin1');
    expect(summaryOf(readConsole(lf))).toEqual(about.expected);
  });

  test('every event has the form of the contract and survives JSON', () => {
    for (const event of readConsole(bytes)) {
      expect(eventSchema.parse(JSON.parse(JSON.stringify(event)))).toEqual(event);
      for (const { byte, endByte } of event.evidence) expect(byte <= endByte && endByte <= bytes.length).toBe(true);
    }
  });

  test('cut off anywhere it is still read', () => {
    for (let part = 1; part < 12; part++) readConsole(bytes.subarray(0, Math.floor((bytes.length * part) / 12)));
  });

  test('the trace and the probes are read whole', () => {
    const records: FtraceRecord[] = [];
    const splitter = new FtraceSplitter();
    splitter.push(stream('ftrace'), (record) => records.push(record));
    splitter.flush((record) => records.push(record));
    // A recording may begin and end within a line, and "Unknown type" stands where a module was unloaded.
    const strange = records.filter((record) => record.kind === 'text');
    expect(strange.length).toBeLessThanOrEqual(2);
    const reader = new BpftraceReader({ mode: 'json' });
    const unread = [...reader.push(stream('bpftrace')), ...reader.end()].filter(({ kind }) => kind === 'unread');
    expect(unread.length).toBeLessThanOrEqual(2);
  });
});
