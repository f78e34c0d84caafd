import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import type { TimelineItem } from '../model/timeline.ts';
import { exportTrace } from './export-trace.ts';

const fixture = (name: string) => fileURLToPath(new URL(`../../fixtures/${name}`, import.meta.url));

async function timeline(name: string, stdin: Readable = Readable.from([])) {
  const items: TimelineItem[] = [];
  const count = await exportTrace(name, stdin, { item: (item) => items.push(item), close() {} }, () => {});
  return { items, count };
}

/** A trace given as text. */
const ofText = (...lines: string[]) => timeline('-', Readable.from([Buffer.from(`${lines.join('\n')}\n`)]));
const spans = (items: readonly TimelineItem[]) => items.filter((item) => item.kind === 'span');

describe('exportTrace', () => {
  test('operations, waits and held locks of the module', async () => {
    const { items, count } = await timeline(fixture('ftrace/6.1/vexfs.txt'));
    expect(count).toMatchObject({ records: 200, shown: 200, losses: 0 });
    const names = new Set(spans(items).map(({ name }) => name.split(' ')[0]));
    expect(names).toEqual(new Set(['waits', 'holds', 'read', 'unlink', 'rmdir']));
    const read = spans(items).find(({ name }) => name === 'read');
    expect(read).toMatchObject({ category: 'operation', loose: false, track: { kind: 'task', name: 'vexload' } });
    expect(spans(items).find(({ name }) => name.startsWith('holds'))).toMatchObject({ loose: true });
  });
  test('pages of the ring buffer give what their text gives', async () => {
    const pages = await timeline(fixture('traces/6.18/pages'));
    const text = await timeline(fixture('traces/6.18/pages/trace.txt'));
    const key = (item: TimelineItem) =>
      item.kind === 'span' ? [item.name, item.start, item.micros] : item.kind === 'instant' ? [item.name, item.at] : [];
    const sorted = (items: readonly TimelineItem[]) => items.map((item) => JSON.stringify(key(item))).sort();
    expect(sorted(pages.items)).toEqual(sorted(text.items));
    expect(spans(pages.items).length).toBeGreaterThan(100);
  });
  test('who runs on a CPU, calls, interrupts', async () => {
    const { items } = await ofText(
      '             cat-118     [000] d..2.     1.000000: sched_switch: prev_comm=cat prev_pid=118 prev_prio=120 prev_state=S ==> next_comm=a b  next_pid=7 next_prio=120',
      '             a b-7       [000] .....     1.000010: sys_openat(dfd: 1, mode: 0)',
      '             a b-7       [000] d.h1.     1.000012: irq_handler_entry: irq=4 name=ttyS0',
      '             a b-7       [000] d.h1.     1.000015: irq_handler_exit: irq=4 ret=handled',
      '             a b-7       [000] .....     1.000020: sys_openat -> 0x3',
      '             a b-7       [000] d..2.     1.000030: sched_switch: prev_comm=a b  prev_pid=7 prev_prio=120 prev_state=S ==> next_comm=swapper/0 next_pid=0 next_prio=120',
      '             a b-7       [000] .....     1.000040: kmalloc: ptr=1',
    );
    expect(items).toMatchObject([
      { name: 'irq ttyS0', track: { kind: 'cpu', id: 0 }, micros: expect.closeTo(3, 3) },
      { name: 'openat', track: { kind: 'task', id: 7 }, micros: expect.closeTo(10, 3), args: { end: '0x3' } },
      { name: 'a b ', track: { kind: 'cpu' }, micros: expect.closeTo(30, 3) },
      { kind: 'instant', name: 'kmalloc', args: { payload: 'ptr=1' } },
    ]);
  });
  test('what began before a loss on its CPU never ends; what is open at the end lasts until then', async () => {
    const { items, count } = await ofText(
      '             x-1         [000] .....     1.000000: op_begin: op=read sb=a ino=1 id=1',
      '             y-2         [001] .....     1.000001: op_begin: op=write sb=a ino=1 id=2',
      'CPU:0 [LOST 5 EVENTS]',
      '             x-1         [000] .....     1.000010: op_end: op=read sb=a ino=1 id=1 ret=0 ns=10',
    );
    expect(count).toEqual({ records: 3, shown: 3, losses: 1, lost: 5 });
    expect(items).toMatchObject([
      { kind: 'instant', name: 'LOST 5 events' },
      { kind: 'span', name: 'write', micros: expect.closeTo(9, 3), args: { unfinished: true } },
    ]);
  });
  test('calls of function_graph without a clock follow each other', async () => {
    const { items } = await ofText(
      ' 1)               |  vfs_write() {',
      ' 1)   2.000 us    |    f();',
      ' 1)   3.000 us    |    g();',
      ' 1) + 10.000 us   |  }',
      ' 1)   1.000 us    |  h();',
    );
    expect(items.map((item) => item.kind === 'span' && [item.name, item.start, item.micros])).toEqual([
      ['f', 0, 2],
      ['g', 2, 3],
      ['vfs_write', 0, 10],
      ['h', 10, 1],
    ]);
  });
  test('stacks, the outermost frame first', async () => {
    const { items } = await timeline(fixture('traces/6.18/perf/script.txt'));
    const sample = items.find((item) => item.kind === 'sample');
    expect(sample).toMatchObject({ unit: 'samples', weight: 1, track: { name: 'perf' } });
    expect(sample?.kind === 'sample' && sample.stack.at(-1)).toMatch(/^__kmalloc/);
    const waits = await timeline(fixture('traces/6.18/perf/lock-contention-v.txt'));
    expect(waits.items[0]).toMatchObject({ kind: 'sample', unit: 'nanoseconds', weight: 251_740, track: null });
  });
  test('a recording of attach', async () => {
    const { items } = await timeline(fixture('captures/null-deref'));
    expect(items.length).toBeGreaterThan(10);
  });
  test('a recording whose guest sent pages', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'vexfs-frames-'));
    try {
      const frames = readFileSync(fixture('ftrace/6.1/frames.raw'));
      copyFileSync(fixture('captures/null-deref/capture.json'), join(dir, 'capture.json'));
      writeFileSync(join(dir, 'ftrace.raw'), frames);
      const row = { seq: 0, stream: 'ftrace', offset: 0, length: frames.length, observed: 0 };
      writeFileSync(join(dir, 'index.ndjson'), `${JSON.stringify(row)}\n`);
      const { items, count } = await timeline(dir);
      expect(count.records).toBeGreaterThan(500);
      expect(spans(items).some(({ track }) => track.name === 'vexload')).toBe(true);
    } finally {
      rmSync(dir, { recursive: true, force: true });
    }
  });
  test.each([
    ['no trace', fixture('traces/README.md'), 'no trace was found'],
    ['a folder without one', fixture('traces'), 'is a folder without a trace'],
    ['nothing', '/nowhere/at/all', 'does not exist'],
  ])('%s', async (_, name, message) => {
    await expect(timeline(name)).rejects.toThrow(message);
  });
  test('a trace that goes on for long is not held', async () => {
    const block = readFileSync(fixture('ftrace/6.1/vexfs.txt'));
    let items = 0;
    const sink = { item: () => void items++, close() {} };
    const stdin = Readable.from(
      (function* () {
        for (let i = 0; i < 300; i++) yield block;
      })(),
    );
    const before = process.memoryUsage().heapUsed;
    await exportTrace('-', stdin, sink, () => {});
    expect(items).toBeGreaterThan(20_000);
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(80e6);
  });
});
