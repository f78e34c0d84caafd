import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { TimelineItem, TimelineSpan, Track } from '../model/timeline.ts';
import { TIMELINE_SINKS } from './timeline-formats.ts';
import { EXPORT_FORMATS, type ExportFormat } from './timeline-sink.ts';

function render(
  format: ExportFormat,
  items: readonly TimelineItem[],
): { readonly text: string; readonly warnings: string[] } {
  let text = '';
  const warnings: string[] = [];
  const write = (part: string) => {
    text += part;
  };
  const sink = TIMELINE_SINKS[format]({
    write,
    warn: (words) => warnings.push(words),
    name: 'a "trace"',
    version: '1.2.3',
  });
  for (const item of items) sink.item(item);
  sink.close();
  return { text, warnings };
}

const task = (id: number, name: string, boot = 0): Track => ({ kind: 'task', id, name, boot });
const cpu = (id: number): Track => ({ kind: 'cpu', id, name: '', boot: 0 });
const span = (track: Track, name: string, start: number, micros: number, loose = false): TimelineSpan => ({
  ...{ kind: 'span', track, name, category: 'operation', start, micros, loose, args: { begin: 'op=write' } },
});

const ITEMS: readonly TimelineItem[] = [
  span(task(7, 'a;b'), 'inner', 20, 10),
  span(task(7, 'a;b'), 'write', 10, 50),
  span(task(7, 'a;b'), 'holds x', 15, 100, true),
  span(cpu(1), 'a;b', 0, 5),
  { kind: 'instant', track: task(7, 'a;b'), name: 'kmalloc', category: 'event', at: 12.5, args: { payload: 'ptr=1' } },
];
const SAMPLES: readonly TimelineItem[] = [
  { kind: 'sample', track: task(7, 'x'), at: 1, stack: ['main', 'f;g', 'h'], weight: 1, unit: 'samples' },
  { kind: 'sample', track: task(7, 'x'), at: 2, stack: ['main', 'f;g', 'h'], weight: 1, unit: 'samples' },
  { kind: 'sample', track: null, at: null, stack: ['main'], weight: 9, unit: 'nanoseconds' },
];

/** What the format's document asks of each phase. */
const FIELDS: Readonly<Record<string, readonly string[]>> = {
  X: ['name', 'cat', 'ts', 'dur', 'pid', 'tid', 'args'],
  b: ['name', 'cat', 'ts', 'id', 'pid', 'tid', 'args'],
  e: ['name', 'cat', 'ts', 'id', 'pid', 'tid', 'args'],
  i: ['name', 'cat', 'ts', 'pid', 'tid', 's', 'args'],
  M: ['name', 'pid', 'tid', 'args'],
};

interface ChromeEvent {
  readonly ph: string;
  readonly name: string;
  readonly ts?: number;
  readonly dur?: number;
  readonly pid: number;
  readonly tid: number;
  readonly id?: number;
  readonly cat?: string;
  readonly args: Readonly<Record<string, unknown>>;
}

/** The events, when they are as the format wants them. */
function chrome(items: readonly TimelineItem[]): readonly ChromeEvent[] {
  const document = JSON.parse(render('chrome', items).text) as { traceEvents: ChromeEvent[]; displayTimeUnit: string };
  expect(document.displayTimeUnit).toBe('ns');
  for (const event of document.traceEvents) {
    for (const field of FIELDS[event.ph] as readonly string[]) expect(event, event.ph).toHaveProperty(field);
    expect([event.pid, event.tid].every((id) => Number.isInteger(id) && id >= 0 && id < 2 ** 31)).toBe(true);
    if (event.ph !== 'M') expect(Number.isFinite(event.ts)).toBe(true);
    if (event.ph === 'X') expect(event.dur).toBeGreaterThanOrEqual(0);
    if (event.ph === 'M')
      expect(Object.keys(event.args)).toEqual([event.name.endsWith('sort_index') ? 'sort_index' : 'name']);
  }
  const open = (phase: string) =>
    document.traceEvents.filter(({ ph }) => ph === phase).map(({ id, cat, name }) => `${cat} ${id} ${name}`);
  expect(open('e')).toEqual(open('b'));
  return document.traceEvents;
}

describe('chrome', () => {
  test('spans, held locks, points and names', () => {
    const events = chrome(ITEMS);
    expect(events.filter(({ ph }) => ph === 'M').map(({ args }) => args.name ?? args.sort_index)).toEqual([
      ...['a;b 7', 'a;b 7', 'CPUs', 'CPU 1', -1],
    ]);
    expect(events.filter(({ ph }) => ph === 'X')).toMatchObject([
      { name: 'inner', ts: 20, dur: 10, pid: 7, tid: 7 },
      { name: 'write', ts: 10, dur: 50 },
      { name: 'a;b', pid: 8388608, tid: 8388610 },
    ]);
    expect(events.find(({ ph }) => ph === 'i')).toMatchObject({
      name: 'kmalloc',
      ts: 12.5,
      args: { payload: 'ptr=1' },
    });
  });
  test('tasks and boots have names and numbers of their own', () => {
    const events = chrome([
      span(task(7, 'a'), 'x', 0, 1),
      span(task(7, 'b'), 'x', 2, 1),
      span(task(7, 'b', 1), 'x', 0, 1),
    ]);
    const names = events.filter(({ name }) => name === 'thread_name');
    expect(names.map(({ args }) => args.name)).toEqual(['a 7', 'b 7', 'boot 2: b 7']);
    expect(names[2]?.pid).toBe(7 + 2 ** 24);
  });
  test('stacks with a time; those without are left out', () => {
    expect(chrome(SAMPLES).filter(({ ph }) => ph === 'i')).toMatchObject([
      { name: 'stack of h', args: { stack: 'h\nf;g\nmain' } },
      { name: 'stack of h' },
    ]);
  });
  test('nothing is a document, too', () => expect(chrome([])).toEqual([]));
});

describe('folded', () => {
  test('samples, counted', () => {
    const { text, warnings } = render('folded', [...SAMPLES, ...ITEMS]);
    expect(text).toBe('x;main;f:g;h 2\n');
    expect(warnings).toEqual(['the weights are samples; stacks in nanoseconds are left out']);
  });
  test('without samples the time that calls took themselves', () => {
    expect(render('folded', ITEMS).text).toBe('a:b 7;write;inner 10\na:b 7;write 40\nCPU 1;a:b 5\n');
  });
});

describe('speedscope', () => {
  const schema = JSON.parse(
    readFileSync(
      new URL('../../node_modules/speedscope/dist/release/file-format-schema.json', import.meta.url),
      'utf8',
    ),
  ) as object;
  const valid = new Ajv({ strict: false }).compile(schema);
  const document = (items: readonly TimelineItem[]) => {
    const parsed = JSON.parse(render('speedscope', items).text) as {
      profiles: {
        type: string;
        name: string;
        events: { type: string; frame: number; at: number }[];
        samples: number[][];
        weights: number[];
      }[];
      shared: { frames: { name: string }[] };
    };
    expect(valid(parsed), JSON.stringify(valid.errors)).toBe(true);
    for (const profile of parsed.profiles) {
      // What the schema does not say, and the program insists on: calls close in the order in which they opened, and time goes on.
      const open: number[] = [];
      let at = Number.NEGATIVE_INFINITY;
      for (const event of profile.events ?? []) {
        expect(event.at).toBeGreaterThanOrEqual(at);
        at = event.at;
        if (event.type === 'O') open.push(event.frame);
        else expect(open.pop()).toBe(event.frame);
      }
      expect(open).toEqual([]);
      expect(profile.samples?.length).toBe(profile.weights?.length);
    }
    return parsed;
  };
  test('a profile of each task and CPU', () => {
    const { profiles, shared } = document(ITEMS);
    expect(profiles.map(({ name }) => name)).toEqual(['a;b 7', 'CPU 1']);
    expect(profiles[0]?.events.map(({ type, frame, at }) => [type, shared.frames[frame]?.name, at])).toEqual([
      ['O', 'write', 10],
      ['O', 'inner', 20],
      ['C', 'inner', 30],
      ['C', 'write', 60],
    ]);
  });
  test('samples by what they count', () => {
    expect(document(SAMPLES).profiles).toMatchObject([
      { type: 'sampled', name: 'stacks of x 7', weights: [1, 1] },
      { type: 'sampled', name: 'stacks by nanoseconds', weights: [9] },
    ]);
  });
  test('spans that cross are cut where their parent ends; nothing is a document, too', () => {
    const [profile] = document([span(cpu(0), 'a', 0, 10), span(cpu(0), 'b', 5, 10)]).profiles;
    expect(profile?.events.map(({ at }) => at)).toEqual([0, 5, 10, 10]);
    expect(document([]).profiles).toHaveLength(1);
  });
  test('any spans', () => {
    const times = fc.array(fc.tuple(fc.nat(100), fc.nat(100), fc.nat(2)), { maxLength: 40 });
    fc.assert(
      fc.property(
        times,
        (rows) => void document(rows.map(([at, length, id]) => span(cpu(id), `s${length}`, at, length))),
      ),
    );
  });
});

test('names of tasks cannot break out of any format', () => {
  const bad = fc.string({ unit: 'binary', maxLength: 16 });
  fc.assert(
    fc.property(bad, bad, (name, frame) => {
      const items: TimelineItem[] = [
        span(task(1, name), frame, 0, 5),
        { kind: 'instant', track: task(1, name), name: frame, category: 'event', at: 1, args: { payload: frame } },
      ];
      const sample: TimelineItem = {
        ...(SAMPLES[0] as Extract<TimelineItem, { kind: 'sample' }>),
        stack: [frame, name],
      };
      for (const format of EXPORT_FORMATS) {
        const { text } = render(format, [...items, sample]);
        expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028\u2029]/);
        if (format === 'folded') expect(text).toMatch(/^(?:[^;\n]+;){2}[^;\n]+ 1\n$/);
        else expect(() => JSON.parse(text)).not.toThrow();
      }
    }),
  );
});
