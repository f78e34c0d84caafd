import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join as joinPath } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { holdMachine, IS_ROOT, printk, recordedOops } from '../guest/testing.ts';
import { type Event, isFinding } from '../model/event.ts';
import { checkReplay } from './replay.ts';
import { isFinal, Watched } from './testing-join.ts';

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(joinPath(tmpdir(), 'vexfs-join-'));
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const EXPECTED = {
  kind: 'null-deref',
  title: 'BUG: unable to handle kernel NULL pointer dereference in vexfs_fault_null_deref',
  corrupted: false,
};

describe('this machine', () => {
  let release: () => void;
  beforeAll(async () => {
    release = await holdMachine();
  }, 120_000);
  afterAll(() => release());

  test.skipIf(!IS_ROOT)('a report in the kernel log is a finding with advice, and replays (needs root)', async () => {
    const captureDir = joinPath(dir, 'local');
    const watched = await Watched.join({ target: { kind: 'local' }, captureDir });
    for (const line of recordedOops()) printk(line);
    const first = await watched.until(isFinding);
    const finding = await watched.until(isFinal);
    expect(finding).toMatchObject({ ...EXPECTED, id: first.id, source: { stream: 'kmsg' } });
    expect(finding.matches[0]).toMatchObject({ pattern: 'null-deref', classification: 'module-crash' });
    expect(watched.advice[0]).toEqual([
      expect.stringMatching(/^meaning: The kernel read or wrote through a pointer that was NULL/),
      expect.stringMatching(/^look at: /),
      expect.stringMatching(/^look at: /),
      expect.stringMatching(/^look at: /),
      expect.stringMatching(/^next: reset-guest /),
    ]);
    await watched.run.close();
    const outcomes = watched.events.flatMap((event) => (event.event === 'incident' ? [event.outcome] : []));
    expect(outcomes.at(-1)).toBe('not-attempted');
    expect(watched.events.some((event) => event.event === 'recovery')).toBe(false);
    expect(
      await checkReplay(captureDir, { patterns: [], signal: new AbortController().signal, warn: () => {} }),
    ).toEqual([]);
  });

  test.skipIf(!IS_ROOT)('what the log lost is a gap with the exact number (needs root)', async () => {
    const captureDir = joinPath(dir, 'gap');
    const watched = await Watched.join({ target: { kind: 'local' }, captureDir });
    printk('gap begin');
    await watched.until((event): event is Event => event.event === 'guest');
    const lines = () => watched.run.session.status().lines;
    while (lines() === 0) await new Promise((resolve) => setImmediate(resolve));
    const before = lines();
    const sent = 3000;
    for (let i = 0; i < sent; i++) printk(`gap ${i} ${'x'.repeat(900)}`);
    const gap = await watched.until((event): event is Event & { event: 'gap' } => event.event === 'gap');
    expect(gap).toMatchObject({ kind: 'printk-dropped', stream: 'kmsg', unit: 'messages' });
    const lost = () => watched.events.reduce((sum, event) => sum + (event.event === 'gap' ? (event.lost ?? 0) : 0), 0);
    // Until the last record has been read: a run that is closed earlier leaves it unread.
    while (lost() + lines() - before < sent) await new Promise((resolve) => setImmediate(resolve));
    await watched.run.close();
    expect(lost() + lines() - before).toBe(sent);
  });
});

describe('a console', () => {
  async function serve(name: string): Promise<{ path: string; guest: Promise<Socket>; close: () => void }> {
    const path = joinPath(dir, name);
    const server = createServer();
    const guest = new Promise<Socket>((resolve) => server.once('connection', resolve));
    await new Promise<void>((resolve) => server.listen(path, resolve));
    return { path, guest, close: () => server.close() };
  }

  test('a report is a finding; a guest that goes away is an event and no finding', async () => {
    const { path, guest, close } = await serve('console.sock');
    const watched = await Watched.join({ target: { kind: 'console', path } });
    const console = await guest;
    recordedOops().forEach((line, i) => {
      console.write(`[    2.${String(100_000 + i).padStart(6, '0')}] ${line}\r\n`);
    });
    expect(await watched.until(isFinal)).toMatchObject({ ...EXPECTED, source: { stream: 'console' } });
    const over = watched.run.run();
    console.destroy();
    expect(await over).toMatchObject({ expected: false });
    await watched.run.close();
    close();
    const exit = watched.events.find((event) => event.event === 'guest' && event.kind === 'exit');
    expect(exit).toMatchObject({ detail: { connection: 'console', reason: 'the console was closed' } });
    expect(new Set(watched.events.filter(isFinding).map(({ kind }) => kind))).toEqual(new Set(['null-deref']));
  });
});
