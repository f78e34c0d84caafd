import { expect, test } from 'vitest';
import type { FtraceRecord } from '../grammar/ftrace/index.ts';
import { TimeOrder } from './time-order.ts';

const event = (cpu: number, time: number) => ({ kind: 'event', cpu, time }) as FtraceRecord;
const lost = (cpu: number | null) => ({ kind: 'lost', cpu, lost: 1 }) as FtraceRecord;
const brief = (record: FtraceRecord) =>
  record.kind === 'event' ? `${record.cpu}@${record.time}` : `lost ${record.kind === 'lost' ? record.cpu : ''}`;

function released(order: TimeOrder, how: 'release' | 'flush' = 'release'): string[] {
  const records: string[] = [];
  order[how]((record) => records.push(brief(record)));
  return records;
}

test('an end that is read before its beginning on another CPU comes behind it', () => {
  const order = new TimeOrder();
  order.push(event(1, 2));
  expect(released(order)).toEqual([]);
  order.push(event(0, 1));
  order.reached(2.5, new Set());
  expect(released(order)).toEqual(['0@1', '1@2']);
});

test('of a CPU that has more only what has come is known', () => {
  const order = new TimeOrder();
  for (const record of [event(0, 1), event(0, 3), event(1, 2), event(1, 4)]) order.push(record);
  order.reached(5, new Set([0]));
  expect(released(order)).toEqual(['0@1', '1@2', '0@3']);
  order.reached(5, new Set());
  expect(released(order)).toEqual(['1@4']);
});

test('a loss stands before the next event of its CPU', () => {
  const order = new TimeOrder();
  for (const record of [event(0, 1), lost(1), event(0, 2), event(1, 3), event(0, 4)]) order.push(record);
  order.reached(9, new Set());
  expect(released(order)).toEqual(['0@1', '0@2', 'lost 1', '1@3', '0@4']);
  order.push(lost(0));
  expect(released(order, 'flush')).toEqual(['lost 0']);
});

test('what waits is bounded, whoever never gets to an end', () => {
  const order = new TimeOrder();
  let count = 0;
  for (let i = 0; i < 450_000; i++) {
    order.push(event(i % 2, i));
    if (i % 1000 === 0) count += released(order).length;
  }
  expect(count).toBeGreaterThan(200_000);
});
