import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { contextOf, type FtraceEvent, type FtraceRecord } from './record.ts';
import { FtraceSplitter } from './splitter.ts';

const fixture = (name: string) => readFileSync(new URL(`../../../fixtures/ftrace/6.18/${name}`, import.meta.url));

function split(...chunks: (Uint8Array | string)[]): FtraceRecord[] {
  const splitter = new FtraceSplitter();
  const records: FtraceRecord[] = [];
  for (const chunk of chunks) splitter.push(Buffer.from(chunk), (record) => records.push(record));
  splitter.flush((record) => records.push(record));
  return records;
}

const events = (records: readonly FtraceRecord[]) => records.filter((record) => record.kind === 'event');
const ofKind = (records: readonly FtraceRecord[], kind: string) => records.filter((record) => record.kind === kind);

describe('recordings of 6.18', () => {
  test('every hostile name is read as it is', () => {
    const names = new Set(events(split(fixture('trace.txt'))).map((event) => event.comm));
    for (const name of [
      'npm view execa ',
      'a-1 [000] d..1.',
      'x  12.5: sw: a=',
      'café',
      'bad��',
      '-7 (  3) [9] .',
      '(',
      '',
    ]) {
      expect(names).toContain(name);
    }
  });
  test('all lines but headers are events', () => {
    for (const name of ['trace.txt', 'trace_pipe.txt', 'marker.txt', 'lost.txt']) {
      expect(ofKind(split(fixture(name)), 'text'), name).toEqual([]);
    }
    expect(events(split(fixture('marker.txt')))[0]).toMatchObject({
      name: 'tracing_mark_write',
      payload: 'a marker line',
    });
  });
  test('calls have names too', () => {
    const calls = events(split(fixture('trace.txt'))).filter((event) => event.name === 'sys_openat');
    expect(calls.map((event) => event.payload.slice(0, 6))).toEqual(expect.arrayContaining(['(dfd: ', ' -> 0x']));
  });
  test('losses stand where they happened', () => {
    expect(ofKind(split(fixture('lost.txt')), 'lost')).toMatchObject([
      { cpu: 0, lost: 194 },
      { cpu: 1, lost: 521 },
    ]);
    expect(ofKind(split(fixture('overwritten.txt')), 'lost')).toMatchObject([{ cpu: null, lost: 8814 }]);
  });
  test('stacks belong to their event', () => {
    const stacks = split(fixture('stack.txt')).filter((record) => record.kind === 'stack');
    expect(stacks[0]).toMatchObject({
      space: 'kernel',
      event: { comm: 'bash', pid: 1076, cpu: 1 },
      frames: expect.arrayContaining(['prepare_creds', 'entry_SYSCALL_64_after_hwframe']),
    });
    expect(ofKind(split(fixture('stack.txt')), 'text')).toEqual([]);
  });
  test.each<[string, Partial<FtraceEvent>]>([
    ['tgid.txt', { tgid: null, pid: 0 }],
    ['tsc.txt', { time: null, stamp: expect.stringMatching(/^\d{10,}$/) as unknown as string }],
    ['noirq.txt', { flags: '' }],
  ])('%s', (name, expected) => {
    const records = split(fixture(name));
    expect(ofKind(records, 'text')).toEqual([]);
    expect(events(records)).toContainEqual(expect.objectContaining(expected));
  });
  test('context', () => {
    const contexts = new Set(events(split(fixture('trace.txt'))).map(contextOf));
    expect([...contexts].sort()).toEqual(['hardirq', 'softirq', 'task']);
  });
});

describe('forms of other kernels and tools', () => {
  test.each<[string, string, Partial<FtraceEvent>]>([
    [
      'four flags (before 5.13), function tracer',
      '          svscan-1678  [000] .... 6412438.703521: do_nanosleep <-hrtimer_nanosleep',
      { comm: 'svscan', pid: 1678, flags: '....', name: 'function', payload: 'do_nanosleep <-hrtimer_nanosleep' },
    ],
    [
      'eight flags (RT)',
      '            bash-12      [001] d..h3.21  1.5: kmalloc: ptr=1',
      { flags: 'd..h3.21', time: 1.5, name: 'kmalloc' },
    ],
    ['indentation lost', 'my-task x-12      [001] .....  1.5: kmalloc: ptr=1', { comm: 'my-task x', pid: 12, cpu: 1 }],
    [
      'indented further',
      '>           my-task x-12      [001] .....  1.5: kmalloc: ptr=1'.replace('>', ' '),
      { comm: 'my-task x', pid: 12, cpu: 1 },
    ],
    [
      'kprobe',
      '            gcat-119     [000] .....    25.214103: rd: (do_syscall_64+0x5d/0x90 <- ksys_read) ret=832',
      { name: 'rd', payload: '(do_syscall_64+0x5d/0x90 <- ksys_read) ret=832' },
    ],
    [
      'trace-cmd report',
      '       stress-ng-143   [000]    24.249648: sched_switch:         trace-cmd:143 [120] R ==> trace-cmd:141 [120]',
      { comm: 'stress-ng', flags: '', time: 24.249648, name: 'sched_switch' },
    ],
  ])('%s', (_name, line, expected) => {
    expect(split(`${line}\n`)).toMatchObject([{ kind: 'event', ...expected }]);
  });
  test.each([
    ['CPU:0 [LOST EVENTS]', 0, null],
    ['CPU:1 [39330 EVENTS DROPPED]', 1, 39330],
    ['CPU:12 [EVENTS DROPPED]', 12, null],
  ])('%s', (line, cpu, lost) => {
    expect(split(`${line}\n`)).toMatchObject([{ kind: 'lost', cpu, lost }]);
  });
});

describe('any input', () => {
  test.each(['trace.txt', 'stack.txt', 'lost.txt'])('%s in any chunks, offsets cover it', (name) => {
    const bytes = new Uint8Array(fixture(name));
    const whole = split(bytes);
    const covered = whole.reduce((end, record) => {
      expect(record.byte).toBe(end);
      return record.endByte;
    }, 0);
    expect(covered).toBe(bytes.length);
    fc.assert(
      fc.property(fc.array(fc.nat(bytes.length), { maxLength: 20 }), (cuts) => {
        const points = [0, ...cuts, bytes.length].sort((a, b) => a - b);
        expect(split(...points.slice(1).map((end, i) => bytes.slice(points[i], end)))).toEqual(whole);
      }),
      { numRuns: 30 },
    );
  });
  test('a name of any 15 bytes is read back', () => {
    const byte = fc.integer({ min: 1, max: 255 }).filter((code) => code !== 10);
    fc.assert(
      fc.property(fc.array(byte, { maxLength: 15 }), fc.nat(4194304), (bytes, pid) => {
        const comm = Buffer.from(bytes);
        const tail = `-${String(pid).padEnd(7)} [001] d..2.  12.000001: sched_switch: a=1\n`;
        const [record] = split(Buffer.concat([Buffer.alloc(16 - comm.length, ' '), comm, Buffer.from(tail)]));
        expect(record).toMatchObject({ kind: 'event', pid, cpu: 1, comm: comm.toString('utf8').replace(/^ +/, '') });
      }),
    );
  });
  test.each([
    `            bash-${'9'.repeat(300)}     [001] .....  1.5: kmalloc: ptr=1`,
    `            bash-12      [${'9'.repeat(300)}] .....  1.5: kmalloc: ptr=1`,
    `            bash-12      [001] .....  ${'9'.repeat(400)}.5: kmalloc: ptr=1`,
  ])('numbers that no kernel prints make no event', (line) => {
    expect(split(`${line}\n`)).toMatchObject([{ kind: 'text' }]);
  });
  test('garbage, truncation and changed bytes never throw; a line without end is not kept', () => {
    const source = fixture('stack.txt');
    fc.assert(
      fc.property(fc.nat(5000), fc.array(fc.tuple(fc.nat(5000), fc.nat(255)), { maxLength: 40 }), (length, changes) => {
        const bytes = new Uint8Array(source.subarray(0, length));
        for (const [at, value] of changes) if (at < bytes.length) bytes[at] = value;
        const records = split(bytes);
        expect(records.at(-1)?.endByte ?? 0).toBe(bytes.length);
      }),
      { numRuns: 300 },
    );
    const [long] = split(Buffer.alloc(1 << 20, 'a'), Buffer.alloc(1 << 20, 'b'), '\n');
    expect(long).toMatchObject({ kind: 'text', endByte: 2 * (1 << 20) + 1 });
    expect(JSON.stringify(long).length).toBeLessThan(20_000);
  });
});
