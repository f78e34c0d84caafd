import { expect, test } from 'vitest';
import { EVENT_SCHEMA, type EventOf } from '../model/event.ts';
import { MetricCollector } from './metrics.ts';

const metric = (kind: string, name: string, values: unknown): EventOf<'metric'> => ({
  ...{ schema: EVENT_SCHEMA, id: '1', seq: 1, time: {}, evidence: [], event: 'metric', kind, name, values },
});
const histogram = (...counts: readonly number[]) =>
  metric('hist', '@vexfs_op_ns', [
    { key: 'read', buckets: counts.map((count, i) => ({ min: 1000 * 2 ** i, max: 1000 * 2 ** (i + 1) - 1, count })) },
  ]);

test('a histogram that grows gives rates and percentiles of what came between', () => {
  const collector = new MetricCollector();
  collector.metric(histogram(100, 0), 10);
  collector.metric(histogram(100, 50), 20);
  collector.metric(histogram(5, 0), 30);
  collector.metric(histogram(25, 0), 40);
  const { rates, latencies } = collector.metrics();
  expect(rates).toEqual([
    {
      name: 'operations',
      points: [
        [20.5, 5],
        [40.5, 2],
      ],
    },
  ]);
  expect(latencies.map(({ name, points }) => [name, points.map(([, value]) => Math.round(value))])).toEqual([
    ['median', [4, 2]],
    ['p99', [4, 2]],
  ]);
});

test.each([
  ['no values', metric('hist', '@vexfs_op_ns', null)],
  ['rows without buckets', metric('hist', '@vexfs_op_ns', [1, { buckets: 7 }, { buckets: [{ max: 'x' }] }])],
  ['words for numbers', metric('resource', 'host', { cpuPercent: 'all of it' })],
  ['operations that are a list', metric('latency', 'operations', [1, 2])],
  ['operations without figures', metric('latency', 'operations', { read: { count: Number.NaN } })],
])('%s are passed over', (_, event) => {
  const collector = new MetricCollector();
  collector.metric(event, 1);
  collector.metric(event, 2);
  const { operations, ...curves } = collector.metrics();
  expect([operations, ...Object.values(curves)].flat()).toEqual([]);
});
