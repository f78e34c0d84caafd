import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { packageRoot } from '../guest/paths.ts';
import type { Chunk, Stream } from '../model/chunk.ts';
import { type Event, isFinding } from '../model/event.ts';
import { eventSchema } from '../model/event-schema.ts';
import { createMatcher } from '../patterns/match.ts';
import { readCaptureInfo, readChunks } from '../source/capture-reader.ts';
import { createHostReader } from './host-stream.ts';
import { Pipeline, type PipelineOptions } from './pipeline.ts';

const matcher = createMatcher([]);
const S = 1_000_000_000;
const CAPTURE = join(packageRoot(), 'fixtures/captures/null-deref');

function open(options: Partial<PipelineOptions> = {}) {
  const events: Event[] = [];
  const warnings: string[] = [];
  const pipeline = new Pipeline({
    ...{ run: 'run', startWall: 1_700_000_000_000, guest: 'g', live: true, matcher, hostReader: createHostReader },
    sink: (event) => events.push(event),
    warn: (text) => warnings.push(text),
    ...options,
  });
  return { pipeline, events, warnings };
}

const text = (stream: Stream, observed: number, said: string): Chunk => ({
  stream,
  observed,
  bytes: Buffer.from(said),
});
const host = (observed: number, record: unknown) => text('host', observed, `${JSON.stringify(record)}\n`);
const END = (observed: number) => host(observed, { record: 'guest', kind: 'note', detail: { run: 'end' } });

/** Event, kind and, of findings, whether they are complete. How often a report is told of before that is the grammar's affair. */
const brief = (events: readonly Event[], more: (event: Event) => string = () => '') => {
  const lines = events.map((event) =>
    isFinding(event)
      ? { key: `${event.id} ${event.final}`, line: `${more(event)}${event.event} ${event.kind} ${event.final}` }
      : { key: event.id, line: `${more(event)}${event.event} ${event.kind}` },
  );
  return lines.filter(({ key }, i) => lines.findIndex((other) => other.key === key) === i).map(({ line }) => line);
};

/** A WARNING as kernel/panic.c prints it. */
const WARNING = `------------[ cut here ]------------
WARNING: CPU: 0 PID: 7 at fs/demo.c:12 demo_write+0x1a/0x40 [demo]
CPU: 0 PID: 7 Comm: sh Not tainted 6.1.0 #1
RIP: 0010:demo_write+0x1a/0x40 [demo]
Call Trace:
 <TASK>
 vfs_write+0xb7/0x3c0
 </TASK>
---[ end trace 0000000000000000 ]---
`;
/** The same, without what ends it. */
const OPEN_WARNING = WARNING.split('---[ end')[0] ?? '';

describe('a recorded run', () => {
  /** All but the boot messages of its console, which say nothing and take time. */
  let chunks: Chunk[];
  beforeAll(async () => {
    chunks = [];
    let consoleBytes = 0;
    for await (const chunk of readChunks(CAPTURE, () => {})) {
      if (chunk.stream === 'console') consoleBytes += chunk.bytes.length;
      if (chunk.stream !== 'console' || consoleBytes > 24_000) chunks.push({ ...chunk, bytes: chunk.bytes.slice() });
    }
  });

  function run(input: readonly Chunk[], before: (pipeline: Pipeline, chunk: Chunk, last: number) => void = () => {}) {
    const { run, startWall, guest = '' } = readCaptureInfo(CAPTURE);
    const { pipeline, events, warnings } = open({ run, startWall, guest });
    let last = 0;
    for (const chunk of input) {
      before(pipeline, chunk, last);
      pipeline.push(chunk);
      last = chunk.observed;
    }
    pipeline.end();
    expect(warnings).toEqual([]);
    return events;
  }

  test('becomes the events of its story, each of the form of the contract', () => {
    const events = run(chunks);
    expect(brief(events).filter((line) => !line.startsWith('metric'))).toEqual([
      'guest boot',
      'guest ready',
      'guest note',
      'guest fault',
      'crash null-deref false',
      'incident opened',
      'crash null-deref true',
      'guest restore',
      'recovery restore-snapshot',
      'recovery resume-load',
      'incident closed',
      'guest note',
    ]);
    for (const event of events) expect(eventSchema.parse(event)).toEqual(event);
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_, i) => i));
    const observed = events.map(({ time }) => time.observed ?? -1);
    expect(observed).toEqual(observed.toSorted((a, b) => a - b));
  });

  test('gives the same events in any split and at any pace of the clock', () => {
    const whole = JSON.stringify(run(chunks));
    fc.assert(
      fc.property(fc.infiniteStream(fc.nat(1000)), (random) => {
        const next = () => Number(random.next().value);
        const split = chunks.flatMap((chunk): Chunk[] => {
          if (next() > 200) return [chunk];
          const cuts = [next(), next()].map((n) => Math.round((n / 1000) * chunk.bytes.length)).sort((a, b) => a - b);
          const [a = 0, b = 0] = cuts;
          return [chunk.bytes.slice(0, a), chunk.bytes.slice(a, b), chunk.bytes.slice(b)].map((bytes) => ({
            ...chunk,
            bytes,
          }));
        });
        const paced = run(split, (pipeline, { observed }, last) => {
          for (let ticks = next() % 4; ticks > 0; ticks--)
            pipeline.advance(last + Math.floor(((observed - last) * next()) / 1001));
        });
        expect(JSON.stringify(paced)).toBe(whole);
      }),
      { numRuns: 10 },
    );
  });

  test('gives the same events one byte at a time', () => {
    const bytes = chunks.flatMap((chunk) =>
      Array.from(chunk.bytes, (_, i): Chunk => ({ ...chunk, bytes: chunk.bytes.slice(i, i + 1) })),
    );
    // An empty chunk is a chunk, too: time moves on with it.
    expect(JSON.stringify(run(bytes))).toBe(JSON.stringify(run(chunks)));
  });
});

describe('time', () => {
  test('a report that stops in its middle is complete when the console was quiet for a second, at that time', () => {
    const { pipeline, events } = open();
    pipeline.push(text('console', 1 * S, OPEN_WARNING));
    pipeline.advance(1.9 * S);
    expect(brief(events).filter((line) => line.startsWith('crash'))).toEqual(['crash warning false']);
    pipeline.advance(60 * S);
    expect(brief(events).filter((line) => line.startsWith('crash'))).toEqual([
      'crash warning false',
      'crash warning true',
    ]);
    expect(events.findLast(isFinding)?.time.observed).toBe(2 * S);
  });

  test('losses and quiet logs become due in order of time, however late the clock is read', () => {
    const act = (times: readonly number[]) => {
      const { pipeline, events } = open();
      pipeline.push(text('ftrace', 0.5 * S, 'CPU:1 [LOST 7 EVENTS]\n'));
      pipeline.push(text('console', 1 * S, OPEN_WARNING));
      pipeline.push(text('ftrace', 1.2 * S, 'CPU:0 [LOST 5 EVENTS]\n'));
      for (const time of times) pipeline.advance(time * S);
      pipeline.push(END(9 * S));
      pipeline.end();
      return events;
    };
    const late = act([]);
    expect(brief(late).slice(2)).toEqual([
      'gap ftrace-lost',
      'crash warning true',
      'gap ftrace-lost',
      'guest note',
      'incident closed',
    ]);
    expect(act([1.5, 2, 2.1, 2.2, 8])).toEqual(late);
  });

  test('a clock that is read late or goes back never makes time go back', () => {
    const { pipeline, events } = open();
    pipeline.advance(5 * S);
    pipeline.push(END(3 * S));
    pipeline.advance(4 * S);
    pipeline.push(END(6 * S));
    expect(events.map(({ time }) => time.observed)).toEqual([5 * S, 6 * S]);
  });
});

describe('a boundary', () => {
  const boundaries = ['boot', 'reset', 'restore'] as const;
  test.each(boundaries)('%s completes what was open, in the boot that it belongs to', (kind) => {
    const { pipeline, events } = open();
    pipeline.push(text('console', 1, OPEN_WARNING));
    pipeline.push(text('ftrace', 1, 'CPU:1 [LOST 7 EVENTS]\n'));
    pipeline.push(host(2, { record: 'guest', kind, detail: {} }));
    pipeline.push(text('console', 3, WARNING));
    pipeline.end();
    const story = brief(
      events.filter((event) => event.event !== 'incident'),
      ({ boot }) => `${boot} `,
    );
    expect(story).toEqual([
      '0 crash warning false',
      '0 crash warning true',
      '0 gap ftrace-lost',
      `1 guest ${kind}`,
      '1 crash warning false',
      '1 crash warning true',
    ]);
  });

  test('no line and no record reaches over it', () => {
    const { pipeline, events } = open();
    const [headline = ''] = WARNING.split('\n').slice(1);
    pipeline.push(text('console', 1, headline.slice(0, 20)));
    pipeline.push(text('ftrace', 1, 'CPU:1 [LOST 7'));
    pipeline.push(text('bpftrace', 1, '{"type":"lost_events","data":'));
    pipeline.push(host(2, { record: 'guest', kind: 'restore', detail: {} }));
    pipeline.push(text('console', 3, `${headline.slice(20)}\n`));
    pipeline.push(text('ftrace', 3, ' EVENTS]\n'));
    pipeline.push(text('bpftrace', 3, '{"events":3}}\n'));
    pipeline.end();
    expect(brief(events)).toEqual(['guest restore']);
  });

  test.each(['ready', 'note', 'module', 'load', 'fault'])('%s is none', (kind) => {
    const { pipeline, events } = open();
    pipeline.push(text('console', 1, OPEN_WARNING));
    pipeline.push(host(2, { record: 'guest', kind, detail: {} }));
    expect(brief(events.filter(isFinding))).toEqual(['crash warning false']);
    expect(events.at(-1)?.boot).toBe(0);
  });
});

describe('records of the host', () => {
  test('that cannot be read are told and passed over', () => {
    const { pipeline, events, warnings } = open();
    const hostile = [
      'no json',
      '{"record":"guest","kind":"boot"',
      '{"record":"guest","kind":"made up","detail":{}}',
      '{"record":"guest","kind":"boot"}',
      '{"record":"recovery","incident":"x","action":"rm -rf","result":"ok"}',
      '{"record":"incident-closed","incident":7,"outcome":"recovered"}',
      'null',
      '[]',
      `{"record":"guest","kind":"note","detail":{"x":"${'x'.repeat(100_000)}"}}`,
      `${'['.repeat(50_000)}`,
    ];
    for (const [i, line] of hostile.entries()) pipeline.push(text('host', i, `${line}\n`));
    pipeline.push(host(99, { record: 'guest', kind: 'ready', detail: { fine: true } }));
    expect(brief(events)).toEqual(['guest ready']);
    expect(warnings).toEqual(hostile.map((_, i) => `host record in line ${i + 1} cannot be read`));
  });

  test.each([
    [
      'the end of an incident that nobody knows',
      { record: 'incident-closed', incident: 'x', outcome: 'recovered' },
      [],
    ],
    [
      'detail with names of objects',
      { record: 'guest', kind: 'note', detail: { toString: 1, constructor: 2 } },
      ['guest note'],
    ],
    [
      'a guest that is gone is a finding',
      { record: 'guest', kind: 'exit', detail: {} },
      ['guest exit', 'crash guest-exit true', 'incident opened'],
    ],
    [
      'a connection that is gone is none',
      { record: 'guest', kind: 'exit', detail: { connection: 'ssh' } },
      ['guest exit'],
    ],
  ])('%s', (_name, record, expected) => {
    const { pipeline, events, warnings } = open();
    pipeline.push(host(1, record));
    expect(brief(events)).toEqual(expected);
    expect(warnings).toEqual([]);
    for (const event of events) expect(eventSchema.safeParse(event).success).toBe(true);
  });
});

describe('memory is bounded', () => {
  const MIB = 1 << 20;
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const used = () => {
    collect();
    const { heapUsed, external } = process.memoryUsage();
    return heapUsed + external;
  };
  const block = (fill: (i: number) => string) => {
    let said = '';
    for (let i = 0; said.length < 64 * 1024; i++) said += fill(i);
    return Buffer.from(said);
  };

  test.each([
    ['console', 'a line without end', () => 'x'.repeat(100)],
    ['ftrace', 'a line without end', () => 'x'.repeat(100)],
    ['bpftrace', 'a line without end', () => '{"x":"'.repeat(20)],
    ['host', 'a line without end', () => 'x'.repeat(100)],
    ['console', 'reports that never end', (i: number) => `[    1.0] ${OPEN_WARNING.replace('demo.c', `demo${i}.c`)}`],
    ['ftrace', 'losses of CPUs without number', (i: number) => `CPU:${i} [LOST 1 EVENTS]\n`],
    [
      'ftrace',
      'operations that begin and never end',
      (i: number) => `  t-${i} [000] ..... ${i}.000001: op_begin: op=read sb=vexfs-0:24 ino=2 id=${i}\n`,
    ],
  ] as const)('whatever comes: %s with %s', (stream, _name, fill) => {
    const { pipeline } = open({ sink: () => {} });
    const bytes = block(fill as (i: number) => string);
    const feed = (mib: number, from: number) => {
      for (let i = 0; i < mib * 16; i++) pipeline.push({ stream, observed: from + i * 1e6, bytes });
    };
    feed(2, 0);
    const before = used();
    feed(24, 1e9);
    expect(used() - before).toBeLessThan(8 * MIB);
  });

  test.each([true, false])('a flood of warnings is told in events of bounded size (live: %s)', (live) => {
    let longest = 0;
    let count = 0;
    const { pipeline } = open({
      live,
      sink: (event) => {
        longest = Math.max(longest, JSON.stringify(event).length);
        if (isFinding(event) && event.final) count += 1;
      },
    });
    for (let i = 0; i < 2000; i++)
      pipeline.push(
        text(live ? 'console' : 'file', i, WARNING.replaceAll(/^/gm, `[    1.${String(i).padStart(6, '0')}] `)),
      );
    pipeline.end();
    expect(count).toBe(2000);
    expect(longest).toBeLessThan(20_000);
  });
});
