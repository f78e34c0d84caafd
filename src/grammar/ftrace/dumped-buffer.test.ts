import { expect, test } from 'vitest';
import { beginsDump, DumpedBuffer } from './dumped-buffer.ts';

const PLACE = { byte: 0, endByte: 1, line: 1 };
const RULE = '---------------------------------';
const EVENT = '  <idle>-0         1d..2. 96079us : sched_switch: prev_comm=a';

test.each([
  [EVENT, '<idle>', 0, 1, 'd..2.', 0.096079, 'sched_switch'],
  ['rcu_pree-15        1d..2. 104078us!: op_begin: op=write', 'rcu_pree', 15, 1, 'd..2.', 0.104078, 'op_begin'],
  ['a -1 b -7        12..... 5us : a: ', 'a -1 b ', 7, 12, '.....', 0.000005, 'a'],
  ['caf\xc3\xa9-7        12..... 5us : a: ', 'café', 7, 12, '.....', 0.000005, 'a'],
])('%s', (text, comm, pid, cpu, flags, time, name) => {
  expect(new DumpedBuffer().line(text, PLACE)).toMatchObject({ comm, pid, cpu, flags, time, name });
});

test.each([RULE, 'CPU: 0 PID: 1 Comm: a', '  <idle>-0         1d..2. 96079: a: b', ''])('no event: %s', (text) =>
  expect(new DumpedBuffer().line(text, PLACE)).toBeNull(),
);

test('from its title to its second rule, with losses, and without what others say in between', () => {
  const dump = new DumpedBuffer();
  const lines = ['usb 1-1: new device', RULE, EVENT, 'CPU:1 [LOST 7 EVENTS]', '-'.repeat(29), EVENT, RULE, EVENT];
  expect(lines.map((line) => dump.line(line, PLACE)?.kind)).toEqual([
    undefined,
    undefined,
    'event',
    'lost',
    undefined,
    'event',
    undefined,
    undefined,
  ]);
  expect([beginsDump('Dumping ftrace buffer:'), beginsDump('   (ftrace buffer empty)')]).toEqual([true, false]);
});
