import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { openPages } from '../../run/trace-pages.ts';
import type { FtraceRecord } from '../ftrace/record.ts';
import { PageDecoder } from './decoder.ts';
import { FrameReader } from './frames.ts';
import { ModuleSymbols } from './module-symbols.ts';

const PAGE = 4096;

function frame(kind: number, sequence: number, body: Uint8Array | string, cpu = 0, generation = 7): Buffer {
  const data = Buffer.from(body);
  const head = Buffer.alloc(32);
  head.write('VTS1', 'latin1');
  head.writeUInt32LE(data.length, 4);
  head.writeUInt32LE(generation, 8);
  head.writeUInt32LE(sequence, 12);
  head.writeUInt16LE(kind, 16);
  head.writeUInt16LE(cpu, 18);
  return Buffer.concat([head, data]);
}

function readPages() {
  const { cpus, options } = openPages(fileURLToPath(new URL('../../../fixtures/traces/6.18/pages', import.meta.url)));
  return { cpus: [...cpus.values()].map((path) => readFileSync(path)), options };
}
const file = (name: string) => readFileSync(new URL(`../../../fixtures/traces/6.18/pages/${name}`, import.meta.url));

/** The recorded pages as a sender would give them, what is not used of a page left out. */
function frames(generation = 7): Buffer[] {
  let sequence = 0;
  const make = (kind: number, body: Uint8Array | string, cpu = 0) => frame(kind, sequence++, body, cpu, generation);
  const made = [make(1, `header_page\n${file('header_page')}`), make(1, `all\n${file('formats.txt')}`)];
  made.push(make(3, file('saved_cmdlines')), make(5, ''));
  const { cpus } = readPages();
  for (const [cpu, bytes] of cpus.entries())
    for (let at = 0; at + PAGE <= bytes.length; at += PAGE) {
      const used = 16 + (bytes.readUInt32LE(at + 8) & 0xfffff);
      made.push(make(4, bytes.subarray(at, at + used), cpu));
    }
  return made;
}

function read(chunks: Iterable<Uint8Array>, reader = new FrameReader()): FtraceRecord[] {
  const records: FtraceRecord[] = [];
  for (const chunk of chunks) reader.push(chunk, (record) => records.push(record));
  return records;
}
const flush = (reader: FrameReader) => {
  const records: FtraceRecord[] = [];
  reader.flush((record) => records.push(record));
  return records;
};
const seen = (records: readonly FtraceRecord[]) =>
  records.map((record) => {
    if (record.kind === 'event') {
      const { comm, pid, cpu, flags, stamp, name } = record;
      // Who wrote a marker is a function of the kernel's own, whose names are not sent.
      return { comm, pid, cpu, flags, stamp, name: name === 'tracing_mark_write' ? 'print' : name };
    }
    return record.kind === 'stack' ? record.frames.length : record.kind;
  });

describe('frames', () => {
  test('give what the pages give', () => {
    const { cpus, options } = readPages();
    const decoder = new PageDecoder(options);
    const records: FtraceRecord[] = [];
    for (const [cpu, bytes] of cpus.entries()) decoder.push(cpu, bytes, (record) => records.push(record));
    const framed = read([Buffer.concat(frames())]);
    expect(framed.length).toBeGreaterThan(100);
    expect(seen(framed)).toEqual(seen(records));
  });

  test('in any chunks', () => {
    const whole = Buffer.concat(frames());
    const expected = seen(read([whole]));
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 9000 }), { maxLength: 40 }), (sizes) => {
        const chunks: Buffer[] = [];
        let at = 0;
        for (const size of sizes) {
          chunks.push(whole.subarray(at, at + size));
          at += size;
        }
        expect(seen(read([...chunks, whole.subarray(at)]))).toEqual(expected);
      }),
      { numRuns: 20 },
    );
  });

  test('a restored guest goes on in the middle of a frame, with the layouts of before', () => {
    const made = frames();
    const reader = new FrameReader();
    const before = read([Buffer.concat(made)], reader);
    // The module was loaded again meanwhile: other layouts, which are of no use for what was saved.
    read([frame(1, 0, 'header_page\n', 0, 8), frame(5, 1, '', 0, 8), frame(4, 2, 'x', 0, 8).subarray(0, 20)], reader);
    expect(flush(reader)).toMatchObject([{ kind: 'lost' }]);
    const cut = Buffer.concat(made.slice(5)).subarray(100);
    const [first, ...rest] = seen(read([cut], reader));
    expect(first).toBe('lost');
    expect(rest).toEqual(seen(before).slice(-rest.length));
    expect(rest.length).toBeGreaterThan(10);
  });

  test('a frame that is missing is a loss, and so is a page that nobody explained', () => {
    const made = frames();
    const kinds = (chunks: readonly Buffer[]) => new Set(read(chunks).map(({ kind }) => kind));
    expect(kinds(made)).toEqual(new Set(['event']));
    expect(kinds([...made.slice(0, 5), ...made.slice(6)])).toContain('lost');
    expect(read([frame(4, 0, Buffer.alloc(PAGE))])).toMatchObject([{ kind: 'lost', cpu: 0 }]);
  });

  test('whatever comes, in time and memory that are bounded', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 4000 }), fc.nat(4000), (noise, at) => {
        const whole = Buffer.concat(frames());
        const damaged = Buffer.concat([whole.subarray(0, at), noise, whole.subarray(at)]);
        for (const { byte, endByte } of read([damaged])) expect(byte).toBeLessThanOrEqual(endByte);
      }),
      { numRuns: 20 },
    );
    const reader = new FrameReader();
    const magic = Buffer.from('VTS1'.repeat(16_384));
    for (let i = 0; i < 64; i++) read([magic], reader);
    expect(read([Buffer.concat(frames())], reader).some(({ kind }) => kind === 'event')).toBe(true);
  });
});

test('a pause of the tracer is a loss on all CPUs', () => {
  const all = frames();
  const paused = frame(8, all.length, '');
  expect(read([...all, paused]).slice(read(all).length)).toMatchObject([{ kind: 'lost', cpu: null, lost: null }]);
});

describe('places of the kernel itself', () => {
  test('are named as they were told', () => {
    const { cpus, options } = readPages();
    const asked = new Set<bigint>();
    const place = (address: bigint) => {
      asked.add(address);
      return undefined;
    };
    const decoder = new PageDecoder({ ...options, place });
    for (const [cpu, bytes] of cpus.entries())
      for (let at = 0; at + PAGE <= bytes.length; at += PAGE)
        decoder.page(cpu, bytes.subarray(at, at + PAGE), { byte: 0, endByte: 0, line: 1 }, (record) => {
          if (record.kind === 'event') expect(record.payload).toBeDefined();
        });
    expect(asked.size).toBeGreaterThan(0);
    const lines = [...asked].map((address) => `${address.toString(16)} told+0x23/0xa0`);
    const all = frames();
    const told = frame(7, 4, ['zz broken+0x1/0x2', `${[...asked][0]?.toString(16)} no size`, ...lines].join('\n'));
    const text = (records: readonly FtraceRecord[]) => JSON.stringify(records.map((record) => ({ ...record })));
    expect(text(read(all))).not.toContain('told');
    expect(text(read([...all.slice(0, 4), told, ...all.slice(4)]))).toContain('told');
  });
});

describe('symbols of modules', () => {
  const symbols = new ModuleSymbols();
  symbols.add(
    [
      'ffffffffc0002000 t second\t[vexfs]',
      'ffffffffc0001000 T first\t[vexfs]',
      'ffffffffc0001800 d data\t[vexfs]',
      'ffffffff81000000 T _text',
      'x t broken\t[vexfs]',
      'ffffffffc0003000 t last\t[other]',
    ].join('\n'),
  );
  test.each([
    [0xffffffffc0001000n, { name: 'first', offset: 0, size: 0x1000, module: 'vexfs' }],
    [0xffffffffc0001fffn, { name: 'first', offset: 0xfff, size: 0x1000, module: 'vexfs' }],
    [0xffffffffc0002010n, { name: 'second', offset: 0x10, size: 0x1000, module: 'vexfs' }],
    [0xffffffffc0000fffn, undefined],
    [0xffffffff81000010n, undefined],
  ])('%s', (address, place) => expect(symbols.find(address)).toEqual(place));
});
