import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { packageRoot } from '../guest/paths.ts';
import type { Stream } from '../model/chunk.ts';
import { type Event, isFinding } from '../model/event.ts';
import { eventSchema } from '../model/event-schema.ts';
import { createMatcher } from '../patterns/match.ts';
import { Pipeline } from './pipeline.ts';

/**
 * Recordings, damaged in every way that a transport, a printk or somebody with bad intent can damage them. `npm run fuzz` goes on
 * for FUZZ_SECONDS (600); the seed that it prints on failure repeats it.
 */
const SECONDS = Number(process.env.FUZZ_SECONDS ?? 0);
const RUNS = SECONDS > 0 ? { numRuns: 1_000_000_000, interruptAfterTimeLimit: SECONDS * 1000 } : { numRuns: 60 };
/** Far above what any input of that size takes, far below what more than linear time would. */
const PATIENCE_MS = 10_000;

const ROOT = join(packageRoot(), 'fixtures/guests');
const consoles = readdirSync(ROOT, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.console'))
  .sort()
  .map((name) => readFileSync(join(ROOT, name)).subarray(0, 64 * 1024));
const matcher = createMatcher([]);

type Damage = (bytes: Buffer, other: Buffer, at: number, length: number, value: number) => Buffer;

/** `at` and `length` are parts of the whole, 0 to 1. */
const DAMAGES: Readonly<Record<string, Damage>> = {
  cut: (bytes, _other, at) => bytes.subarray(0, at),
  begin: (bytes, _other, at) => bytes.subarray(at),
  remove: (bytes, _other, at, length) => Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + length)]),
  repeat: (bytes, _other, at, length) => Buffer.concat([bytes.subarray(0, at + length), bytes.subarray(at)]),
  insert: (bytes, other, at, length) =>
    Buffer.concat([bytes.subarray(0, at), other.subarray(0, length), bytes.subarray(at)]),
  fill: (bytes, _other, at, length, value) => Buffer.from(bytes).fill(value, at, Math.min(bytes.length, at + length)),
  flip: (bytes, _other, at, _length, value) => {
    const copy = Buffer.from(bytes);
    copy.writeUInt8((copy.readUInt8(at) ^ value) & 0xff, at);
    return copy;
  },
  joinLines: (bytes, _other, at) =>
    Buffer.concat([
      bytes.subarray(0, at),
      Buffer.from(bytes.subarray(at).toString('latin1').replace(/\r?\n/, ''), 'latin1'),
    ]),
};

const damage = fc.record({
  kind: fc.constantFrom(...Object.keys(DAMAGES)),
  at: fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
  length: fc.double({ min: 0, max: 0.5, noNaN: true }),
  value: fc.constantFrom(0x00, 0x0a, 0x0d, 0x1b, 0x20, 0x5b, 0x5d, 0x7f, 0x80, 0xc3, 0xff),
});

const input = fc
  .record({
    one: fc.constantFrom(...consoles),
    other: fc.constantFrom(...consoles),
    damages: fc.array(damage, { minLength: 1, maxLength: 8 }),
  })
  .map(({ one, other, damages }) =>
    damages.reduce<Buffer>((bytes, { kind, at, length, value }) => {
      if (bytes.length === 0) return bytes;
      const start = Math.floor(at * bytes.length);
      return (DAMAGES[kind] as Damage)(bytes, other, start, Math.floor(length * bytes.length), value);
    }, one),
  );

function read(bytes: Buffer, stream: Stream, live: boolean, chunk: number): Event[] {
  const events: Event[] = [];
  const sink = (event: Event) => events.push(event);
  const file = live ? {} : { file: 'log' };
  const pipeline = new Pipeline({
    ...{ run: 'fuzz', startWall: 0, live, matcher, sink, warn: () => {} },
    ...file,
  });
  for (let at = 0; at < bytes.length; at += chunk)
    pipeline.push({ stream, observed: at * 1000, bytes: bytes.subarray(at, at + chunk) });
  pipeline.end();
  return events;
}

test('whatever is done to a log, it is read: in time, without an error, the same in any chunks', {
  timeout: 120_000 + SECONDS * 1000,
}, () => {
  fc.assert(
    fc.property(
      input,
      fc.constantFrom<[Stream, boolean]>(['file', false], ['console', true], ['kmsg', true]),
      fc.integer({ min: 1, max: 9000 }),
      (bytes, [stream, live], chunk) => {
        const start = performance.now();
        const events = read(bytes, stream, live, chunk);
        expect(performance.now() - start).toBeLessThan(PATIENCE_MS);
        for (const event of events) {
          expect(eventSchema.parse(JSON.parse(JSON.stringify(event)))).toEqual(event);
          for (const { byte, endByte } of event.evidence) expect(byte <= endByte && endByte <= bytes.length).toBe(true);
        }
        // Live, time tells reports apart, and chunks are its steps.
        if (live) return;
        const titles = (list: readonly Event[]) => list.filter(isFinding).map(({ kind, title }) => `${kind} ${title}`);
        expect(titles(read(bytes, stream, live, bytes.length + 1))).toEqual(titles(events));
      },
    ),
    RUNS,
  );
});
