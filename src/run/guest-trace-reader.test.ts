import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { FtraceRecord } from '../grammar/ftrace/index.ts';
import { GuestTraceReader } from './guest-trace-reader.ts';

const FRAMES = readFileSync(new URL('../../fixtures/ftrace/6.1/frames.raw', import.meta.url));

function read(chunks: readonly Uint8Array[]): FtraceRecord[] {
  const reader = new GuestTraceReader();
  const records: FtraceRecord[] = [];
  for (const chunk of chunks) reader.push(chunk, (record) => records.push(record));
  reader.flush((record) => records.push(record));
  return records;
}
const events = (records: readonly FtraceRecord[]) => records.filter((record) => record.kind === 'event');

test('frames of a guest: names, tasks and places are resolved, both CPUs in the order of time', () => {
  const found = events(read([FRAMES]));
  expect(found.length).toBeGreaterThan(500);
  expect(new Set(found.map(({ cpu }) => cpu))).toEqual(new Set([0, 1]));
  expect(found.map(({ time }) => time)).toEqual(found.map(({ time }) => time).sort((a, b) => (a ?? 0) - (b ?? 0)));
  const lock = found.find(({ name }) => name === 'lock_acquired');
  expect(lock?.payload).toMatch(
    /^class=\S+ mode=[XRW] lock=0x[0-9a-f]+ ip=vexfs_\w+\+0x[0-9a-f]+\/0x[0-9a-f]+ \[vexfs\]$/,
  );
  expect(found.filter(({ comm }) => comm === 'vexload').length).toBeGreaterThan(100);
});

test('text is told from frames by its first bytes', () => {
  const line = ' vexload-142     [001] .....    16.830461: op_begin: op=read sb=vexfs-0:24 ino=2 id=5\n';
  expect(read([Buffer.from(line)])).toMatchObject([{ kind: 'event', name: 'op_begin', comm: 'vexload' }]);
  expect(read([FRAMES.subarray(0, 1), FRAMES.subarray(1)])).toHaveLength(read([FRAMES]).length);
});

test('a loss stands before what came behind it', () => {
  const found = read([FRAMES.subarray(0, 110_000), FRAMES.subarray(115_000)]);
  const at = found.findIndex(({ kind }) => kind === 'lost');
  expect(at).toBeGreaterThan(0);
  const [before] = events(found.slice(0, at)).slice(-1);
  const [behind] = events(found.slice(at));
  expect(behind?.time).toBeGreaterThan(before?.time ?? Number.POSITIVE_INFINITY);
});

test('what waits for its order can be seen, and is given once', () => {
  const reader = new GuestTraceReader();
  const given: FtraceRecord[] = [];
  const seen = new Set<FtraceRecord>();
  for (let at = 0; at < FRAMES.length; at += 20_000) {
    reader.push(FRAMES.subarray(at, at + 20_000), (record) => given.push(record));
    for (const record of reader.waiting()) {
      expect(given).not.toContain(record);
      seen.add(record);
    }
  }
  reader.flush((record) => given.push(record));
  expect(seen.size).toBeGreaterThan(0);
  for (const record of seen) expect(given).toContain(record);
  expect(given).toEqual(read([FRAMES]));
});

test('a loss is told once, and said to be over with the next record of its CPU', () => {
  const reader = new GuestTraceReader();
  const told: string[] = [];
  let last = 0;
  const at = FRAMES.indexOf('VTS1', 110_000);
  const next = at + 32 + FRAMES.readUInt32LE(at + 4);
  for (const chunk of [FRAMES.subarray(0, at), FRAMES.subarray(next)])
    reader.push(chunk, (record, known) => {
      if (record.kind === 'lost') told.push(`${known ? 'over' : 'lost'} ${record.cpu}`);
      if (record.kind !== 'event') return;
      expect(record.time ?? 0).toBeGreaterThanOrEqual(last);
      last = record.time ?? 0;
    });
  expect(reader.inOrder).toBe(true);
  // One of an unknown CPU is over for each of both.
  expect(told).toEqual(['lost null', 'over null', 'over null']);
});
