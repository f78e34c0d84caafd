import { spawn } from 'node:child_process';
import {
  closeSync,
  existsSync,
  mkdtempSync,
  openSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { seeded } from '../base/random.ts';
import { problemsOf } from './check.ts';
import { openDatabase } from './database.ts';
import { rowsOf } from './event-rows.ts';
import { failureOf } from './failure.ts';
import { placeOf } from './place.ts';
import { listRuns } from './queries.ts';
import { salvage } from './salvage.ts';
import { setAside } from './set-aside.ts';
import { openSqlite } from './sqlite.ts';
import { STARTED, testEvents } from './testing-events.ts';
import { StoreWriter } from './writer.ts';

const RUN = '01J00000000000000000000001';
/** Where packages are found. */
const BUILT = join(import.meta.dirname, '../../node_modules', `.store-test-${process.pid}.mjs`);
let dir: string;
beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'vexfs-store-'));
  await build({
    ...{ entryPoints: [join(import.meta.dirname, 'testing-writer.ts')], outfile: BUILT, bundle: true },
    ...{ format: 'esm', platform: 'node', packages: 'external', logLevel: 'warning' },
  });
});
afterAll(() => {
  rmSync(BUILT, { force: true });
  rmSync(dir, { recursive: true, force: true });
});

/** Starts a writer, and kills it so many milliseconds after it has written so many batches. The last batch that it told of, -1 for none. */
function writeAndKill(file: string, run: string, size: number, batches: number, after: number): Promise<number> {
  const child = spawn(process.execPath, [BUILT, file, run, String(size)], { stdio: ['ignore', 'pipe', 'inherit'] });
  let said = '';
  let doomed = false;
  child.stdout.on('data', (bytes) => {
    said += bytes;
    if (doomed || said.split('\n').length - 2 < batches) return;
    doomed = true;
    setTimeout(() => child.kill('SIGKILL'), after);
  });
  return new Promise((resolve) =>
    child.once('close', () => resolve(Number(said.split('\n').at(-2) === 'open' ? -1 : said.split('\n').at(-2)))),
  );
}

test('killed at twenty moments of its writing, it opens and has whole batches, every one that was told of among them', async () => {
  const file = join(dir, 'killed.sqlite');
  const random = seeded(7);
  const size = 40;
  const moments = Array.from({ length: 20 }, (_, i) => ({
    run: `01J000000000000000000000${String(i).padStart(2, '0')}`,
    ...{ batches: Math.floor(random() * 6), after: random() * 12 },
  }));
  for (const { run, batches, after } of moments) {
    const told = await writeAndKill(file, run, size, batches, after);
    const database = await openDatabase(placeOf(file));
    const summary = (await listRuns(database)).find(({ id }) => id === run);
    const count = summary?.events ?? -1;
    expect({ whole: count % size, told: count >= (told + 1) * size, ended: summary?.ended }).toEqual({
      whole: 0,
      told: true,
      ended: null,
    });
    const recoveries = await database.db.selectFrom('recoveries').select('seq').where('run', '=', run).execute();
    expect(recoveries).toHaveLength(count / 10);
    expect(await problemsOf(database)).toEqual([]);
    await database.close();
  }
}, 120_000);

test('two programs that write into one file at once, with a third reading', async () => {
  const file = join(dir, 'two.sqlite');
  const runs = ['01J000000000000000000000A1', '01J000000000000000000000A2'];
  const writing = Promise.all(runs.map((run) => writeAndKill(file, run, 20, 20, 0)));
  let reading = true;
  const reads = (async () => {
    const database = await openDatabase(placeOf(file));
    for (; reading; await new Promise((resolve) => setImmediate(resolve)))
      for (const { events } of await listRuns(database)) expect(events % 20).toBe(0);
    await database.close();
  })();
  const told = await writing;
  reading = false;
  await reads;
  const database = await openDatabase(placeOf(file));
  const counts = (await listRuns(database)).map(({ events }) => events).toSorted((a, b) => a - b);
  expect(counts).toHaveLength(2);
  expect(counts[0]).toBeGreaterThanOrEqual((Math.min(...told) + 1) * 20);
  expect(await problemsOf(database)).toEqual([]);
  await database.close();
}, 60_000);

async function filled(file: string, count: number): Promise<void> {
  const database = await openDatabase(placeOf(file));
  const writer = new StoreWriter(database);
  await writer.begin({ id: RUN, kind: 'attach', started: STARTED });
  await writer.add(testEvents(RUN, count).map((event) => rowsOf(event, RUN)));
  await database.close();
}

test('no room: the batch fails whole, what was there stays and can be read', async () => {
  const file = join(dir, 'full.sqlite');
  await filled(file, 100);
  const pages = Math.ceil(statSync(file).size / 4096);
  const database = await openDatabase(placeOf(file), { maxPages: pages + 20 });
  const rows = testEvents(RUN, 5000)
    .slice(100)
    .map((event) => rowsOf(event, RUN));
  const error = await new StoreWriter(database).add(rows).catch((each: unknown) => each);
  expect((error as { code: string }).code).toBe('SQLITE_FULL');
  expect(failureOf(error)).toBe('other');
  expect((await listRuns(database)).map(({ events }) => events)).toEqual([100]);
  expect(await problemsOf(database)).toEqual([]);
  await database.close();
});

describe('a damaged file', () => {
  function overwrite(file: string, from: number, length: number): void {
    const fd = openSync(file, 'r+');
    writeSync(fd, Buffer.alloc(length, 0x5a), 0, length, from);
    closeSync(fd);
  }
  test('whose head is overwritten is told as such, with what to do', async () => {
    const file = join(dir, 'head.sqlite');
    await filled(file, 100);
    overwrite(file, 0, 100);
    await expect(openDatabase(placeOf(file))).rejects.toMatchObject({
      exit: 'missing',
      message: expect.stringContaining('is damaged'),
      hint: expect.stringContaining('runs check --repair'),
    });
  });
  test('that is no database at all', async () => {
    const file = join(dir, 'text.sqlite');
    writeFileSync(file, 'this is a letter to somebody\n'.repeat(500));
    await expect(openDatabase(placeOf(file))).rejects.toThrow('is damaged');
  });
  test.each([0.3, 0.5, 0.7])('overwritten at %s of its length: found, and most of it can be read', async (where) => {
    const file = join(dir, `middle-${where}.sqlite`);
    await filled(file, 5000);
    overwrite(file, Math.floor((statSync(file).size * where) / 4096) * 4096, 3 * 4096);
    const source = await openSqlite(file);
    expect((source.pragma('integrity_check(1)') as { integrity_check: string }[])[0]?.integrity_check).not.toBe('ok');
    let lost = 0;
    const rows = [...salvage(source, 'events', () => lost++)];
    source.close();
    expect(rows.length).toBeGreaterThan(3000);
    expect(lost).toBeLessThan(40);
    expect(new Set(rows.map(({ body }) => body)).size).toBe(rows.length);
  });
  test('is put aside with its log, once, under a name of its own', () => {
    const file = join(dir, 'aside.sqlite');
    writeFileSync(file, 'x');
    writeFileSync(`${file}-wal`, 'y');
    const aside = setAside(file, statSync(file).ino) ?? '';
    expect(aside).toMatch(/aside\.sqlite\.damaged-\d{8}-\d{6}-\d{3}$/);
    expect([existsSync(file), existsSync(`${aside}-wal`)]).toEqual([false, true]);
    expect(setAside(file)).toBeUndefined();
    writeFileSync(file, 'the new one');
    expect(setAside(file, statSync(aside).ino)).toBeUndefined();
    expect(
      readdirSync(dir).filter((name) => name.startsWith('aside.sqlite.damaged') && !name.endsWith('-wal')),
    ).toHaveLength(1);
  });
});
