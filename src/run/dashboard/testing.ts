import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { toNdjson } from '../../base/ndjson.ts';
import { packageRoot } from '../../guest/paths.ts';
import { CAPTURE_SCHEMA, type CaptureInfo } from '../../model/capture.ts';
import { EVENT_SCHEMA, type Event, type Finding } from '../../model/event.ts';
import type { Listening } from '../../server/listen.ts';
import { FINDING } from '../../sink/testing.ts';
import { openDatabase } from '../../store/database.ts';
import { placeOf } from '../../store/place.ts';
import { type ServeOptions, serve } from '../serve.ts';
import { importPath } from '../store-import.ts';

export const RECORDED = join(packageRoot(), 'fixtures/runs');
/** The run of `hostileRun`. */
export const hostileId = (number = 0) => `01H${String(number).padStart(23, '0')}`;

/** A folder for runs and a store, and a server of them; `close` ends it and removes all. */
export async function openServed(
  fill: (folder: string, store: string) => Promise<void> | void,
  options: Partial<ServeOptions> = {},
): Promise<Served> {
  const dir = mkdtempSync(join(tmpdir(), 'vexfs-serve-'));
  const [folder, store] = [join(dir, 'runs'), join(dir, 'store.sqlite')];
  mkdirSync(folder);
  await fill(folder, typeof options.store === 'string' ? options.store : store);
  const bugs: unknown[] = [];
  const listening = await serve({
    ...{ host: '127.0.0.1', port: 0, allowHosts: [], allowWrites: false, patterns: [], store, folders: [folder] },
    onBug: (error) => bugs.push(error),
    ...options,
  });
  return {
    ...{ folder, listening, bugs, base: `http://127.0.0.1:${listening.port}` },
    get: (path, init = {}) =>
      fetch(`http://127.0.0.1:${listening.port}${path}`, {
        ...init,
        headers: { authorization: `Bearer ${listening.token}`, ...(init.headers as Record<string, string>) },
      }),
    async close() {
      await listening.close();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

export interface Served {
  readonly folder: string;
  readonly base: string;
  readonly listening: Listening;
  readonly bugs: readonly unknown[];
  get(path: string, init?: RequestInit): Promise<Response>;
  close(): Promise<void>;
}

/** Recorded runs of real guests, as folders. */
export function copyRecorded(folder: string): void {
  cpSync(RECORDED, folder, { recursive: true });
}

/** The same in a store, without their folders. */
export async function storeRecorded(store: string, path = RECORDED): Promise<void> {
  const database = await openDatabase(placeOf(store));
  await importPath(database, path, () => {});
  await database.write(async (db) => {
    await db.updateTable('runs').set({ capture: null, ended: '2026-11-22T00:00:00.000Z' }).execute();
  });
  await database.close();
}

/** A recording in which `text` stands wherever something that is not ours can stand. */
export function hostileRun(folder: string, text: string, number = 0): void {
  const run = hostileId(number);
  const dir = join(folder, `hostile-${number}`);
  mkdirSync(dir);
  const info: CaptureInfo = {
    ...{ schema: CAPTURE_SCHEMA, run, tool: text, startWall: Date.parse('2026-11-20T00:00:00Z'), guest: text },
    ...{ kernel: { name: text, release: text }, module: text, command: ['attach', text] },
  };
  writeFileSync(join(dir, 'capture.json'), JSON.stringify(info));
  writeFileSync(join(dir, 'console.raw'), `${text}\n`.repeat(3));
  writeFileSync(join(dir, 'events.ndjson'), hostileEvents(text, run).map(toNdjson).join(''));
}

function hostileEvents(text: string, run: string): Event[] {
  const base = (seq: number) => ({
    ...{ schema: EVENT_SCHEMA, id: `01E${seq}`, seq, run, guest: text, test: text, incident: '01I' },
    ...{ time: { observed: seq * 1e9, wall: `2026-11-20T00:00:0${seq}.000Z` }, evidence: [] },
  });
  const judged = { classification: 'memory-corruption', severity: 'critical' } as const;
  const finding: Finding = {
    ...{ ...FINDING, ...base(1), title: text, kind: text, frame: text, guiltyFile: text, fingerprint: text },
    stacks: [{ role: text, frames: [{ fn: text, offset: text, size: text, module: text, reliable: true }] }],
    ...{ details: { message: text }, matches: FINDING.matches.map((match) => ({ ...match, explain: text })) },
    ...{ final: true, severity: 'critical' },
  };
  const incident = { ...judged, event: 'incident' as const, cause: finding.id, title: text, members: [finding.id] };
  return [
    { ...base(0), event: 'guest', kind: 'note', detail: { [text]: text } },
    finding,
    { ...base(2), ...incident, kind: 'opened', outcome: 'open' },
    {
      ...{ ...base(3), event: 'recovery', kind: 'remount', result: 'ok', verified: true, durationMs: 5, reason: text },
      checks: [text],
    },
    { ...base(4), ...incident, kind: 'closed', outcome: 'recovered' },
    { ...base(5), event: 'metric', kind: 'map', name: text, values: [{ key: text, value: 5 }] },
    {
      ...{ ...base(6), event: 'metric', kind: 'hist', name: `${text}2` },
      values: [{ key: text, buckets: [{ min: 0, max: 1, count: 2 }] }],
    },
    { ...base(7), event: 'metric', kind: 'resource', name: text, values: { cpuPercent: 5, memoryPercent: 7 } },
    { ...base(8), event: 'gap', kind: 'ftrace-lost', stream: text, lost: null, unit: text, from: null, to: null },
    { ...base(9), event: 'test', kind: 'end', verdict: 'FAIL', reason: text },
  ];
}
