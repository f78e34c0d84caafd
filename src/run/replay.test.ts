import { appendFileSync, cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { packageRoot } from '../guest/paths.ts';
import { CAPTURE_SCHEMA } from '../model/capture.ts';
import { type Event, isFinding } from '../model/event.ts';
import { readChunks } from '../source/capture-reader.ts';
import { openLibrary } from './library.ts';
import { checkReplay, type ReplayOptions, replay } from './replay.ts';
import { Session } from './session.ts';

const RECORDED = join(packageRoot(), 'fixtures/captures/null-deref');
const matcher = await openLibrary([], () => {});

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'vexfs-replay-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

/** A live session that is fed the bytes of a recorded guest, at the time and in the portions at which it gets them. */
async function recordAgain(): Promise<{ captureDir: string; events: Event[] }> {
  const captureDir = join(dir, 'capture');
  const events: Event[] = [];
  const session = new Session({
    info: { schema: CAPTURE_SCHEMA, run: '01KANOTHERRUN', tool: 'test', guest: 'g', command: ['test'] },
    captureDir,
    matcher,
    recover: false,
    onEvent: (event) => events.push(event),
    warn: (text) => expect(text).toBe(''),
    signal: new AbortController().signal,
  });
  let seen = 0;
  for await (const { stream, bytes } of readChunks(RECORDED, () => {})) {
    session.feed(stream, bytes);
    // Ticks of the session's clock fall between the chunks.
    if (++seen % 400 === 0) await new Promise((resolve) => setTimeout(resolve, 30));
  }
  await session.close();
  return { captureDir, events };
}

function check(captureDir: string) {
  const warnings: string[] = [];
  const options = { patterns: [], signal: new AbortController().signal, warn: (text: string) => warnings.push(text) };
  return checkReplay(captureDir, options).then((differences) => ({ differences, warnings }));
}

async function eventsOf(captureDir: string, more: Partial<ReplayOptions> = {}): Promise<Event[]> {
  const events: Event[] = [];
  await replay(captureDir, {
    ...{ patterns: [], recordedPace: false, signal: new AbortController().signal, warn: () => {} },
    onEvent: (event) => events.push(event),
    ...more,
  });
  return events;
}

describe('a session and its replay', () => {
  test('give the same events, byte for byte', async () => {
    const { captureDir, events } = await recordAgain();
    expect(events.filter((event) => isFinding(event) && event.final)).toHaveLength(1);
    expect(await check(captureDir)).toEqual({ differences: [], warnings: [] });
    expect(JSON.stringify(await eventsOf(captureDir))).toBe(JSON.stringify(events));
  });

  test.each([
    [
      'an event that is not what it was',
      (text: string) => text.replace('"severity":"critical"', '"severity":"minor"'),
      (n: number) => n === 1,
    ],
    [
      'events that are missing at the end',
      (text: string) => text.split('\n').slice(0, -3).join('\n'),
      (n: number) => n === 1,
    ],
    ['an event too many', (text: string) => text + text.split('\n').at(-2), (n: number) => n === 1],
    [
      'an event that is missing in the middle',
      (text: string) => text.split('\n').toSpliced(2, 1).join('\n'),
      (n: number) => n > 1,
    ],
  ])('%s is a difference', async (_name, change, expected) => {
    const { captureDir } = await recordAgain();
    const path = join(captureDir, 'events.ndjson');
    writeFileSync(path, change(readFileSync(path, 'utf8')));
    const { differences } = await check(captureDir);
    expect(expected(differences.length)).toBe(true);
    expect(differences[0]?.live).not.toBe(differences[0]?.replayed);
  });
});

describe('a replay', () => {
  test('of a run that was killed tells what there is', async () => {
    cpSync(RECORDED, join(dir, 'c'), { recursive: true });
    const path = join(dir, 'c/index.ndjson');
    const rows = readFileSync(path, 'utf8').split('\n');
    // The report of the crash had come, the restore was about to be noted.
    const [, , , , restore = 0] = rows.flatMap((row, i) => (row.includes('"stream":"host"') ? [i] : []));
    writeFileSync(path, [...rows.slice(0, restore), rows[restore]?.slice(0, 30)].join('\n'));
    const warnings: string[] = [];
    const events = await eventsOf(join(dir, 'c'), { warn: (text) => warnings.push(text) });
    expect(events.find((event) => isFinding(event) && event.final)).toMatchObject({ kind: 'null-deref' });
    expect(events.at(-1)).toMatchObject({ event: 'incident', kind: 'closed', outcome: 'not-attempted' });
    expect(warnings).toHaveLength(1);
  });

  test('ends when it is told to', async () => {
    const stop = new AbortController();
    const heard: Event[] = [];
    await eventsOf(RECORDED, {
      signal: stop.signal,
      onEvent: (event) => {
        heard.push(event);
        stop.abort();
      },
    });
    expect(heard.map(({ kind }) => kind)).toEqual(['boot']);
    const start = performance.now();
    const later = AbortSignal.timeout(100);
    await eventsOf(RECORDED, { recordedPace: true, signal: later });
    expect(performance.now() - start).toBeLessThan(3000);
  });

  test('at the recorded pace takes the time that it took', async () => {
    cpSync(RECORDED, join(dir, 'c'), { recursive: true });
    const row = (seq: number, observed: number) =>
      `${JSON.stringify({ seq, stream: 'console', offset: seq, length: 1, observed })}\n`;
    writeFileSync(join(dir, 'c/index.ndjson'), row(0, 0) + row(1, 0.2e9));
    appendFileSync(join(dir, 'c/index.ndjson'), row(2, 0.4e9));
    const start = performance.now();
    await eventsOf(join(dir, 'c'), { recordedPace: true });
    expect(performance.now() - start).toBeGreaterThan(380);
  });

  test('without it a recording of a day is read at once', async () => {
    cpSync(RECORDED, join(dir, 'c'), { recursive: true });
    const row = (seq: number, observed: number) =>
      `${JSON.stringify({ seq, stream: 'console', offset: seq, length: 1, observed })}\n`;
    writeFileSync(join(dir, 'c/index.ndjson'), row(0, 0) + row(1, 86_400e9));
    await eventsOf(join(dir, 'c'));
  });
});
