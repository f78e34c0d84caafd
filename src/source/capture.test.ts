import { spawnSync } from 'node:child_process';
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { CAPTURE_SCHEMA, type CaptureInfo } from '../model/capture.ts';
import type { Chunk, Stream } from '../model/chunk.ts';
import type { Event } from '../model/event.ts';
import { readCaptureInfo, readChunks, readEvents } from './capture-reader.ts';
import { CaptureWriter } from './capture-writer.ts';

const INFO: CaptureInfo = {
  schema: CAPTURE_SCHEMA,
  run: '01TESTRUN',
  tool: 'vexfs-trace test',
  startWall: 1,
  command: ['test'],
};

let dir: string;
beforeEach(() => {
  dir = join(mkdtempSync(join(tmpdir(), 'vexfs-capture-')), 'capture');
});
afterEach(() => rmSync(join(dir, '..'), { recursive: true, force: true }));

const chunk = (stream: Stream, observed: number, text: string | Uint8Array): Chunk => ({
  stream,
  observed,
  bytes: typeof text === 'string' ? Buffer.from(text) : text,
});

const event = (seq: number): Event => ({
  ...{ schema: 'vexfs-trace/event/1', id: `id${seq}`, seq, time: { observed: seq }, evidence: [], run: 'r' },
  ...{ event: 'guest', kind: 'note', detail: { seq } },
});

interface Read {
  chunks: Chunk[];
  events: Event[];
  warnings: string[];
}

function record(chunks: readonly Chunk[], events: readonly Event[] = []): string[] {
  const warnings: string[] = [];
  const writer = new CaptureWriter(dir, INFO, (text) => warnings.push(text));
  for (const item of chunks) writer.chunk(item);
  for (const item of events) writer.event(item);
  writer.close();
  return warnings;
}

async function read(): Promise<Read> {
  const found: Read = { chunks: [], events: [], warnings: [] };
  const warn = (text: string) => found.warnings.push(text);
  for await (const { stream, observed, bytes } of readChunks(dir, warn))
    found.chunks.push({ stream, observed, bytes: Buffer.from(bytes) });
  return found;
}

async function readEventsOf(): Promise<Read> {
  const found: Read = { chunks: [], events: [], warnings: [] };
  for await (const item of readEvents(dir, (text) => found.warnings.push(text))) found.events.push(item);
  return found;
}

/** Enough rows that a reader takes several of its own chunks for them. */
const MANY = Array.from({ length: 3000 }, (_, i) => chunk(i % 3 === 0 ? 'ftrace' : 'console', i, `line ${i}\n`));

describe('a capture', () => {
  test('gives back what was recorded: bytes, order, times, events', async () => {
    const binary = Uint8Array.from({ length: 256 }, (_, i) => i);
    const chunks = [
      chunk('console', 5, 'one\r\n'),
      chunk('host', 5, '{"record":"guest"}\n'),
      chunk('console', 7, ''),
      chunk('bpftrace', 8, binary),
      chunk('console', 9, 'half a li'),
      chunk('console', Number.MAX_SAFE_INTEGER, 'ne'),
    ];
    expect(record(chunks, [event(0), event(1)])).toEqual([]);
    expect(await read()).toMatchObject({
      chunks: chunks.map((c) => ({ ...c, bytes: Buffer.from(c.bytes) })),
      warnings: [],
    });
    expect((await readEventsOf()).events).toEqual([event(0), event(1)]);
    expect(readCaptureInfo(dir)).toEqual(INFO);
    expect(readFileSync(join(dir, 'console.raw'), 'latin1')).toBe('one\r\nhalf a line');
  });

  test('is on disk at once, before anything is closed', async () => {
    const writer = new CaptureWriter(dir, INFO, () => {});
    writer.chunk(chunk('console', 1, 'last words'));
    writer.event(event(0));
    expect((await read()).chunks).toHaveLength(1);
    expect((await readEventsOf()).events).toHaveLength(1);
    writer.close();
    writer.chunk(chunk('console', 2, 'too late'));
    expect((await read()).chunks).toHaveLength(1);
  });

  test('never goes over another', () => {
    expect(record([chunk('console', 1, 'first')])).toEqual([]);
    expect(record([chunk('console', 1, 'second')])).toEqual([expect.stringContaining('the run goes on: EEXIST')]);
    expect(readFileSync(join(dir, 'console.raw'), 'utf8')).toBe('first');
  });
});

describe('a damaged capture', () => {
  test.each([
    ['cut in the middle of a row', (path: string) => truncateSync(path, readFileSync(path).length - 20), 2999],
    ['cut to its first bytes', (path: string) => truncateSync(path, 10), 0],
    [
      'with zeros behind its end, as after a power failure',
      (path: string) => appendFileSync(path, Buffer.alloc(64)),
      3000,
    ],
    ['with a row that is none', (path: string) => appendFileSync(path, '{"seq":1}\n'), 3000],
    ['with a stream that nobody knows', (path: string) => appendFileSync(path, ROW.replace('console', 'radio')), 3000],
    [
      'with an offset before the beginning',
      (path: string) => appendFileSync(path, ROW.replace('"offset":0', '"offset":-1')),
      3000,
    ],
    ['that never ends a row', (path: string) => appendFileSync(path, `"${'x'.repeat(20 << 20)}`), 3000],
  ])('whose index is %s gives all before it and one warning', async (_name, damage, kept) => {
    record(MANY);
    damage(join(dir, 'index.ndjson'));
    const { chunks, warnings } = await read();
    expect(chunks).toHaveLength(kept);
    expect(chunks).toEqual(MANY.slice(0, kept));
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toContain('index.ndjson');
  });

  test('whose events are cut gives those before', async () => {
    record(
      [],
      Array.from({ length: 1000 }, (_, i) => event(i)),
    );
    const path = join(dir, 'events.ndjson');
    truncateSync(path, readFileSync(path).length - 5);
    const { events, warnings } = await readEventsOf();
    expect(events).toHaveLength(999);
    expect(warnings).toHaveLength(1);
  });

  test('whose index points behind the end of a stream gives what there is and one warning for it', async () => {
    record(MANY);
    truncateSync(join(dir, 'console.raw'), 12);
    const { chunks, warnings } = await read();
    expect(chunks.filter(({ stream }) => stream === 'console')).toEqual([
      chunk('console', 1, 'line 1\n'),
      chunk('console', 2, 'line '),
    ]);
    expect(chunks.filter(({ stream }) => stream === 'ftrace')).toHaveLength(1000);
    expect(warnings).toEqual(['console.raw ends before the index does; from row 2 on something of it is missing']);
  });

  test('whose stream is gone gives the others and one warning', async () => {
    record(MANY);
    rmSync(join(dir, 'ftrace.raw'));
    const { chunks, warnings } = await read();
    expect(chunks).toHaveLength(2000);
    expect(warnings).toEqual([expect.stringMatching(/^ftrace\.raw cannot be read: ENOENT/)]);
  });

  test('whose index asks for more than any memory has is not obeyed', async () => {
    record([chunk('console', 0, 'abc')]);
    writeFileSync(join(dir, 'index.ndjson'), ROW.replace('"length":3', `"length":${2 ** 52}`));
    const { chunks, warnings } = await read();
    expect(chunks).toEqual([chunk('console', 0, 'abc')]);
    expect(warnings).toHaveLength(1);
  });

  test.each([
    ['no capture.json', undefined, 'is not a capture: it has no capture.json', 'name a folder that attach wrote'],
    ['no JSON', '{"schema":', 'capture.json cannot be read: Un', 'name a folder that attach wrote'],
    ['another schema', '{"schema":"other/9"}', 'capture.json cannot be read: schema: ', 'name a folder'],
    [
      'a missing member',
      JSON.stringify({ ...INFO, run: undefined }),
      'capture.json cannot be read: run: ',
      'name a folder',
    ],
  ])('with %s is a usage error', (_name, text, message, hint) => {
    mkdirSync(dir);
    if (text !== undefined) writeFileSync(join(dir, 'capture.json'), text);
    const error = catchError(() => readCaptureInfo(dir));
    expect(error).toMatchObject({ exit: 'usage', hint: expect.stringContaining(hint) });
    expect(error.message).toContain(message);
    expect(error.message).not.toContain('\n');
  });

  test('without an index is a usage error', async () => {
    mkdirSync(dir);
    await expect(read()).rejects.toMatchObject({ exit: 'usage', message: `${join(dir, 'index.ndjson')} is missing` });
  });
});

const ROW = '{"seq":0,"stream":"console","offset":0,"length":3,"observed":0}\n';

function catchError(act: () => unknown): Error {
  try {
    act();
  } catch (error) {
    return error as Error;
  }
  throw new Error('nothing was thrown');
}

describe('a disk without room', () => {
  test.each(['console.raw', 'index.ndjson', 'events.ndjson'])('for %s is told once, and the run goes on', (name) => {
    mkdirSync(dir);
    symlinkSync('/dev/full', join(dir, name));
    const warnings = record(MANY.slice(0, 10), [event(0), event(1)]);
    expect(warnings).toEqual([expect.stringMatching(/^recording to .* ended, the run goes on: ENOSPC/)]);
  });

  test.skipIf(!canMount())('leaves a capture that can be read (needs root: a small tmpfs)', async () => {
    mkdirSync(dir);
    spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', dir]);
    try {
      const warnings = record(MANY);
      expect(warnings).toHaveLength(1);
      const { chunks } = await read();
      expect(chunks.length).toBeGreaterThan(100);
      expect(chunks).toEqual(MANY.slice(0, chunks.length));
    } finally {
      spawnSync('umount', [dir]);
    }
  });

  test('a folder that cannot be made is told once', () => {
    writeFileSync(join(dir, '..', 'file'), '');
    dir = join(dir, '..', 'file', 'capture');
    const warnings = record(MANY.slice(0, 3));
    dir = join(dir, '..');
    expect(warnings).toEqual([expect.stringContaining('ENOTDIR')]);
  });
});

function canMount(): boolean {
  const probe = mkdtempSync(join(tmpdir(), 'vexfs-mount-'));
  const mounted = spawnSync('mount', ['-t', 'tmpfs', 'tmpfs', probe]).status === 0;
  if (mounted) spawnSync('umount', [probe]);
  rmSync(probe, { recursive: true });
  return mounted;
}
