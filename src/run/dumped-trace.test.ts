import { expect, test } from 'vitest';
import type { LogLine } from '../model/line.ts';
import { DumpedTrace } from './dumped-trace.ts';

const begin = (id: number, cpu = 0) =>
  ` vexload-142       ${cpu}.....  ${id * 10}us : op_begin: op=write sb=vexfs-0:23 ino=2 id=${id}`;
const end = (id: number, cpu = 0) =>
  ` vexload-142       ${cpu}.....  ${id * 10 + 5}us+: op_end: op=write sb=vexfs-0:23 ino=2 id=${id} ret=4096 ns=5000`;

const lines = (bodies: readonly string[]): LogLine[] =>
  bodies.map((body, at) => ({
    stream: 'console',
    byte: at * 100,
    endByte: at * 100 + 99,
    line: at + 1,
    text: body,
    body,
  }));

const read = (bodies: readonly string[]): DumpedTrace => {
  const dumped = new DumpedTrace();
  for (const line of lines(bodies)) dumped.line(line);
  return dumped;
};
const report = { stream: 'console', byte: 0, endByte: 100_000 } as const;

test('the last operations in order, with what they returned, and those that were running', () => {
  const bodies = ['Oops: 0002', 'Dumping ftrace buffer:', '-----'];
  for (let id = 1; id <= 80; id++) bodies.push(begin(id), ...(id === 80 ? [] : [end(id)]));
  const found = read([...bodies, '-----']).of(report) as {
    operations: { id: string; ns: number | null; ret: number | null }[];
  };
  expect(found.operations).toHaveLength(64);
  expect(found.operations[0]).toMatchObject({ id: '17', ns: 5000, ret: 4096 });
  expect(found.operations.at(-1)).toMatchObject({ id: '80', ns: null, ret: null });
});

test('a dump belongs to the report it stands in, not to one of before or of another boot', () => {
  const dumped = read(['Dumping ftrace buffer:', begin(1)]);
  expect(dumped.of(report)).toMatchObject({ events: 1 });
  expect(dumped.of({ ...report, byte: 1 })).toBeUndefined();
  expect(dumped.of({ ...report, stream: 'kmsg' })).toBeUndefined();
  dumped.boundary();
  expect(dumped.of(report)).toBeUndefined();
});

test('lines that look like events are none without a dump before them, and an empty dump says nothing', () => {
  expect(read([begin(1)]).of(report)).toBeUndefined();
  expect(read(['Dumping ftrace buffer:', '   (ftrace buffer empty)']).of(report)).toBeUndefined();
});
