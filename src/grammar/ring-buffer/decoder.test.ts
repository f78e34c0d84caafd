import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { openPages } from '../../run/trace-pages.ts';
import { FtraceSplitter } from '../ftrace/index.ts';
import type { FtraceRecord } from '../ftrace/record.ts';
import { PageDecoder } from './decoder.ts';

function pagesOf(folder: string) {
  const { cpus, options } = openPages(fileURLToPath(new URL(`../../../fixtures/traces/${folder}`, import.meta.url)));
  return { cpus: [...cpus.values()].map((file) => readFileSync(file)), options };
}

function decode(folder: string, change: (cpu: number, bytes: Uint8Array) => Iterable<Uint8Array> = (_, b) => [b]) {
  const { cpus, options } = pagesOf(folder);
  const decoder = new PageDecoder(options);
  const records: FtraceRecord[] = [];
  const emit = (record: FtraceRecord) => records.push(record);
  for (const [cpu, bytes] of cpus.entries())
    for (const chunk of change(cpu, new Uint8Array(bytes))) decoder.push(cpu, chunk, emit);
  decoder.flush(emit);
  return records;
}

function text(folder: string): FtraceRecord[] {
  const splitter = new FtraceSplitter();
  const records: FtraceRecord[] = [];
  const bytes = readFileSync(new URL(`../../../fixtures/traces/${folder}/trace.txt`, import.meta.url));
  splitter.push(bytes, (record) => records.push(record));
  splitter.flush((record) => records.push(record));
  return records;
}

/** What a person sees of a record. Blanks before a name are padding in the text. */
function seen(record: FtraceRecord): unknown {
  if (record.kind === 'stack') return [record.event.pid, record.event.stamp, record.space, ...record.frames];
  if (record.kind !== 'event') return record;
  const { comm, pid, cpu, flags, time, stamp, name, payload } = record;
  return { comm: comm.trimStart(), pid, cpu, flags, time, stamp, name, payload };
}

const ofCpu = (records: readonly FtraceRecord[], cpu: number) =>
  records.filter(
    (record) =>
      (record.kind === 'event' && record.cpu === cpu) || (record.kind === 'stack' && record.event.cpu === cpu),
  );

describe('pages of 6.18 against the text of the same buffer', () => {
  test.each(['6.18/pages', '6.18/pages-lost'])('%s', (folder) => {
    const [pages, trace] = [decode(folder), text(folder)];
    for (const cpu of [0, 1]) {
      expect(ofCpu(trace, cpu).length).toBeGreaterThan(50);
      expect(ofCpu(pages, cpu).map(seen)).toEqual(ofCpu(trace, cpu).map(seen));
    }
  });
  test('a loss has its number, and stands before what came behind it', () => {
    const lost = decode('6.18/pages-lost').filter((record) => record.kind === 'lost');
    expect(lost).toMatchObject([{ cpu: 1, lost: 706, line: 1 }]);
    expect(decode('6.18/pages').filter((record) => record.kind === 'lost')).toEqual([]);
  });
  test('names of addresses and tasks that nobody knows', () => {
    const { cpus, options } = pagesOf('6.18/pages');
    const decoder = new PageDecoder({ formats: options.formats });
    const records: FtraceRecord[] = [];
    decoder.push(0, cpus[0] as Buffer, (record) => records.push(record));
    const kmalloc = records.find((record) => record.kind === 'event' && record.name === 'kmalloc');
    expect(kmalloc).toMatchObject({
      comm: '<...>',
      payload: expect.stringMatching(/^call_site=0xffffffff8[0-9a-f]+ ptr=/),
    });
  });
  test('an event without a format keeps its place', () => {
    const { cpus } = pagesOf('6.18/pages');
    const records: FtraceRecord[] = [];
    new PageDecoder({ formats: [] }).push(0, cpus[0] as Buffer, (record) => records.push(record));
    expect(records).toHaveLength(ofCpu(text('6.18/pages'), 0).length);
    expect(records[0]).toMatchObject({ name: expect.stringMatching(/^event-\d+$/), payload: '' });
  });
  // kernel/trace/trace_output.c, trace_print_lat_fmt; Documentation/trace/ftrace.rst has the letters.
  test.each([
    [0x00, 0x00, '.....'],
    [0x01, 0x02, 'd..2.'],
    [0x81, 0x00, 'D....'],
    [0x80, 0x00, 'b....'],
    [0x24, 0x31, '.N.13'],
    [0x02, 0x00, '.l...'],
    [0x22, 0x00, '.L...'],
    [0x06, 0x00, '.b...'],
    [0x18, 0x0a, '..Ha.'],
    [0x10, 0x00, '..s..'],
    [0x48, 0x00, '..Z..'],
  ])('flags %i and counts %i are %s', (flags, counts, expected) => {
    const page = new DataView(new ArrayBuffer(4096));
    page.setUint32(8, 12, true);
    page.setUint32(16, 2, true);
    page.setUint16(20, 7, true);
    page.setUint8(22, flags);
    page.setUint8(23, counts);
    const records: FtraceRecord[] = [];
    new PageDecoder({ formats: [] }).push(0, new Uint8Array(page.buffer), (record) => records.push(record));
    expect(records).toMatchObject([{ kind: 'event', flags: expected }]);
  });
  test('a clock that counts', () => {
    const { cpus, options } = pagesOf('6.18/pages');
    const records: FtraceRecord[] = [];
    new PageDecoder({ ...options, clock: 'counts' }).push(0, cpus[0] as Buffer, (record) => records.push(record));
    expect(records[0]).toMatchObject({ time: null, stamp: expect.stringMatching(/^131\d{11}$/) });
  });
});

describe('any bytes', () => {
  test('chunks of any size', () => {
    const whole = decode('6.18/pages').map(seen);
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 9000 }), (size) => {
        const cut = decode('6.18/pages', function* (_, bytes) {
          for (let at = 0; at < bytes.length; at += size) yield bytes.slice(at, at + size);
        });
        expect(cut.map(seen)).toEqual(whole);
      }),
      { numRuns: 10 },
    );
  });
  test('what was changed never throws, and every record stands in its page', () => {
    const { cpus, options } = pagesOf('6.18/pages-lost');
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(3 * 4096 - 1), fc.nat(255)), { maxLength: 60 }),
        fc.nat(3 * 4096),
        (changes, length) => {
          const bytes = new Uint8Array((cpus[0] as Buffer).subarray(0, length));
          for (const [at, value] of changes) if (at < bytes.length) bytes[at] = value;
          const decoder = new PageDecoder(options);
          let count = 0;
          const take = (record: FtraceRecord) => {
            count++;
            if (record.kind === 'event') {
              expect(`${record.comm}${record.flags}${record.stamp}`.length).toBeLessThan(200);
              expect(record.payload.length).toBeLessThan(64 * 1024);
            }
            expect(record.endByte).toBeLessThanOrEqual(bytes.length);
          };
          decoder.push(0, bytes, take);
          decoder.flush(take);
          // Each entry has a head of four bytes.
          expect(count).toBeLessThanOrEqual(bytes.length / 4 + 8);
        },
      ),
      { numRuns: 400 },
    );
  });
  test.each<[string, (page: DataView) => void]>([
    ['a commit that is longer than the page', (page) => page.setUint32(8, 4081, true)],
    ['flags that no kernel sets', (page) => page.setUint32(8, 0x0100_0010, true)],
    ['an event that is longer than the page', (page) => page.setUint32(16, 28, true)],
    ['an event of no length', (page) => page.setUint32(20, 0, true)],
    ['an event whose length wraps', (page) => page.setUint32(20, 0xffff_fffc, true)],
  ])('%s is a loss', (_, change) => {
    const page = new DataView(new ArrayBuffer(4096));
    page.setUint32(8, 20, true);
    change(page);
    const records: FtraceRecord[] = [];
    new PageDecoder({ formats: [] }).push(3, new Uint8Array(page.buffer), (record) => records.push(record));
    expect(records).toMatchObject([{ kind: 'lost', cpu: 3, lost: null, byte: 0, endByte: 4096 }]);
  });
  test('half a page at the end is a loss', () => {
    const records = decode('6.18/pages', (_, bytes) => [bytes.slice(0, 5000)]);
    expect(records.at(-1)).toMatchObject({ kind: 'lost', cpu: 1, byte: 4096, endByte: 5000 });
  });
});
