import { expect, test } from 'vitest';
import type { EventLog, LogLine } from './event-log.ts';
import { eventStream, lastOf } from './event-stream.ts';
import { Feed } from './feed.ts';

/** A log in memory, to which a test adds. */
class Memory implements EventLog {
  readonly damaged = 0;
  readonly lines: LogLine[] = [];
  pages = 0;
  #onBatch: (lines: readonly LogLine[]) => void = () => {};

  add(count: number, text = ''): void {
    const fresh = Array.from({ length: count }, (_, i) => {
      const seq = this.lines.length + i;
      return { seq, json: Buffer.from(JSON.stringify({ seq, text })) };
    });
    this.lines.push(...fresh);
    this.#onBatch(fresh);
  }

  follow(onBatch: (lines: readonly LogLine[]) => void, onQuiet: () => void): void {
    this.#onBatch = onBatch;
    onQuiet();
  }

  async page(after: number, limit: number): Promise<readonly LogLine[]> {
    this.pages += 1;
    return this.lines.filter(({ seq }) => seq > after).slice(0, limit);
  }

  async close(): Promise<void> {}
}

const seqsOf = (bytes: Uint8Array) =>
  [
    ...Buffer.from(bytes)
      .toString()
      .matchAll(/^id: (\d+)$/gm),
  ].map(([, n]) => Number(n));
const upTo = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);

test('frames begin behind any event, out of memory where they are there', async () => {
  const log = new Memory();
  const feed = new Feed('r', log, () => {});
  log.add(10);
  log.add(5);
  for (const after of [-1, 0, 8, 9, 10, 13]) {
    const frames = await feed.next(after);
    expect(seqsOf(frames?.bytes ?? new Uint8Array())).toEqual(upTo(after + 1, 15));
    expect(frames?.last).toBe(14);
  }
  expect(await feed.next(14)).toBeUndefined();
  expect(log.pages).toBe(0);
});

test('memory is bounded; who is behind what is kept gets it from the log', async () => {
  const log = new Memory();
  const feed = new Feed('r', log, () => {}, 100_000);
  for (let i = 0; i < 500; i++) log.add(10, 'x'.repeat(100));
  expect(feed.held).toBeLessThanOrEqual(100_000);
  const seen: number[] = [];
  for (let after = -1; after < feed.last; ) {
    const frames = await feed.next(after);
    if (frames === undefined) break;
    seen.push(...seqsOf(frames.bytes));
    after = frames.last;
  }
  expect(seen).toEqual(upTo(0, 5000));
  expect(log.pages).toBeGreaterThan(0);
});

test('a stream makes nothing ready before it is read, and ends when it is told to', async () => {
  const log = new Memory();
  const feed = new Feed('r', log, () => {});
  log.add(3);
  const ending = new AbortController();
  let ended = 0;
  const reader = eventStream(feed, 0, ending.signal, () => {
    ended += 1;
  }).getReader();
  expect(Buffer.from((await reader.read()).value ?? []).toString()).toBe('retry: 1000\n\n');
  expect(seqsOf((await reader.read()).value ?? new Uint8Array())).toEqual([1, 2]);
  const waiting = reader.read();
  log.add(2);
  expect(seqsOf((await waiting).value ?? new Uint8Array())).toEqual([3, 4]);
  const last = reader.read();
  ending.abort();
  expect((await last).done).toBe(true);
  expect(ended).toBe(1);
});

test('a reader that goes away is let go, once', async () => {
  const log = new Memory();
  const feed = new Feed('r', log, () => {});
  let ended = 0;
  const stream = eventStream(feed, -1, new AbortController().signal, () => {
    ended += 1;
  });
  const reader = stream.getReader();
  await reader.read();
  await reader.cancel();
  expect(ended).toBe(1);
});

test.each([
  [undefined, undefined, -1],
  ['7', '3', 7],
  ['', '3', 3],
  [undefined, '-1', -1],
  ['x', undefined, undefined],
  ['-2', undefined, undefined],
  ['1e3', undefined, undefined],
  ['9'.repeat(16), undefined, undefined],
])('Last-Event-ID %j and after %j is %j', (header, query, expected) => {
  expect(lastOf(header, query)).toBe(expected);
});
