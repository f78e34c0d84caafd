import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { packageRoot } from '../guest/paths.ts';
import { type Event, isFinding } from '../model/event.ts';
import { eventSchema } from '../model/event-schema.ts';
import type { HostRecord } from '../model/host-record.ts';
import type { LeakSample, QuiescePoint } from '../model/leak-sample.ts';
import { createMatcher } from '../patterns/match.ts';
import { createHostReader } from './host-stream.ts';
import { Pipeline } from './pipeline.ts';

const START: HostRecord = { record: 'leaks', point: 'start', module: 'demo' };
const RESTORE: HostRecord = { record: 'guest', kind: 'restore', detail: {} };
/** A finding that is fatal. */
const HANG: HostRecord = { record: 'guest', kind: 'hang', detail: {} };

function look(point: QuiescePoint, count: number): HostRecord {
  const frames = [
    { fn: 'kmalloc_array', offset: '0x4', size: '0x9' },
    { fn: 'demo_open.isra.0', offset: '0x1', size: '0x2', module: 'demo' },
    { fn: 'vfs_open', offset: '0x3', size: '0x9' },
  ];
  const sites = count === 0 ? [] : [{ count, bytes: count * 64, allocations: count, frames }];
  const sample: LeakSample = {
    ...{
      allocations: 1000 + count,
      frees: 1000,
      missedAllocations: 1,
      missedFrees: 0,
      settledMs: 2,
      sites,
      cut: false,
    },
  };
  return { record: 'leaks', point, module: 'demo', sample };
}

function open(events: Event[]): Pipeline {
  return new Pipeline({
    ...{ run: 'run', startWall: 0, guest: 'g', live: true, matcher: createMatcher([]), hostReader: createHostReader },
    sink: (event) => events.push(event),
    warn: (text) => expect(text).toBe(''),
  });
}

function run(...records: readonly HostRecord[]): Event[] {
  const events: Event[] = [];
  const pipeline = open(events);
  for (const [i, record] of records.entries())
    pipeline.push({ stream: 'host', observed: i, bytes: Buffer.from(`${JSON.stringify(record)}\n`) });
  pipeline.end();
  for (const event of events) eventSchema.parse(event);
  return events;
}

const leaks = (...records: readonly HostRecord[]) => run(...records).filter(({ kind }) => kind === 'trace-leak');

test.each<readonly [string, number, readonly HostRecord[]]>([
  ['a leak', 1, [START, look('unmounted', 0), look('unloaded', 16)]],
  ['nothing', 0, [START, look('unmounted', 16), look('unloaded', 0)]],
  ['growth', 1, [START, ...[1, 2, 3, 4].map((count) => look('unmounted', count))]],
  [
    'growth of two watches',
    0,
    [START, look('unmounted', 1), look('unmounted', 2), START, look('unmounted', 3), look('unmounted', 4)],
  ],
  [
    'growth over a restored guest',
    0,
    [START, look('unmounted', 1), look('unmounted', 2), RESTORE, look('unmounted', 3), look('unmounted', 4)],
  ],
  ['what a guest holds that hung', 0, [START, HANG, look('unloaded', 16)]],
  ['the watch after that', 1, [START, HANG, look('unloaded', 16), START, look('unloaded', 16)]],
])('%s', (_, expected, records) => {
  expect(leaks(...records)).toHaveLength(expected);
});

test('a leak has its stack, from who called the allocator, and says how it is known', () => {
  const [leak] = run(START, look('unloaded', 16)).filter(isFinding);
  expect(leak).toMatchObject({
    ...{ event: 'leak', kind: 'trace-leak', title: 'memory leak in demo_open', frame: 'demo_open', final: true },
    stacks: [{ role: 'alloc', about: '16 objects, 1024 bytes', frames: [{}, { fn: 'demo_open', module: 'demo' }, {}] }],
    details: {
      certainty: 'unloaded',
      objects: 16,
      bytes: 1024,
      atLeast: 16,
      missedFrees: 0,
      counts: [16],
      slope: null,
    },
    evidence: [{ stream: 'host', line: 2 }],
  });
});

test('each look says how much was watched and how much went unseen', () => {
  const metrics = run(START, look('unmounted', 3)).filter(({ event }) => event === 'metric');
  expect(metrics).toMatchObject([
    {
      kind: 'leaks',
      name: 'unmounted',
      values: { allocations: 1003, outstanding: 3, missedAllocations: 1, missedFrees: 0, settledMs: 2, cut: false },
    },
  ]);
});

test.each([
  ['what is looked at', [START, look('unloaded', 16)], null],
  ['not where something broke before', [START, HANG, look('unloaded', 16)], 'disturbed'],
])('%s is judged, or it is said why not', (_, records, unjudged) => {
  const [metric] = run(...records).filter(({ event }) => event === 'metric');
  expect(metric).toMatchObject({ values: { outstanding: 16, unjudged } });
});

test('a recorded guest: a clean load, then a fault that leaks', () => {
  const bytes = readFileSync(join(packageRoot(), 'fixtures/guests/stock/memory-leak.host'));
  const events: Event[] = [];
  const pipeline = open(events);
  pipeline.push({ stream: 'host', observed: 0, bytes });
  pipeline.end();
  const looks = events.filter(({ event, kind }) => event === 'metric' && kind === 'leaks');
  expect(looks.length).toBeGreaterThan(2);
  expect(events.filter(isFinding)).toMatchObject([
    {
      ...{ kind: 'trace-leak', title: 'memory leak in vexfs_fault_memory_leak' },
      details: { certainty: 'unloaded', objects: 16, missedFrees: 0 },
      stacks: [
        { frames: [{ fn: 'vexfs_fault_memory_leak' }, { fn: 'vexfs_fault_write' }, { fn: 'vfs_write' }, {}, {}, {}] },
      ],
    },
  ]);
});
