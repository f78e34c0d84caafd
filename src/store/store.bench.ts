import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Event } from '../model/event.ts';
import { openDatabase } from './database.ts';
import { rowsOf } from './event-rows.ts';
import { placeOf } from './place.ts';
import { BATCH } from './queue.ts';
import { openSqlite } from './sqlite.ts';
import { STARTED, testEvents } from './testing-events.ts';
import { NO_POSTGRES, startPostgres } from './testing-postgres.ts';
import { StoreWriter } from './writer.ts';

const RUN = '01J00000000000000000000001';

interface Rate {
  readonly name: string;
  /** Events a second, of each round. */
  readonly perSecond: readonly number[];
}

/** Events from memory into new stores, a transaction for each batch; the peer puts the same JSON into a table of its own and nothing else. */
export async function benchStore(count: number, rounds: number): Promise<readonly Rate[]> {
  const dir = mkdtempSync(join(tmpdir(), 'vexfs-bench-'));
  const events = testEvents(RUN, count);
  const server = NO_POSTGRES === '' ? await startPostgres() : undefined;
  const ways: readonly (readonly [string, (round: number) => Promise<number>])[] = [
    ['into SQLite', (round) => ingest(join(dir, `${round}.sqlite`), events)],
    ['better-sqlite3 alone, the JSON into one table', (round) => alone(join(dir, `${round}.raw`), events)],
    ...(server === undefined ? [] : [['into PostgreSQL', () => ingest(server.fresh(), events)] as const]),
  ];
  const rates = ways.map(([name]) => ({ name, perSecond: [] as number[] }));
  try {
    // In turn: a machine that is slow for a while is slow for all. The first round is not counted.
    for (let round = 0; round <= rounds; round++)
      for (const [i, [, run]] of ways.entries()) {
        const seconds = await run(round);
        if (round > 0) rates[i]?.perSecond.push(count / seconds);
      }
  } finally {
    await server?.stop();
    rmSync(dir, { recursive: true, force: true });
  }
  return server === undefined ? [...rates, { name: `into PostgreSQL${NO_POSTGRES}`, perSecond: [] }] : rates;
}

async function ingest(where: string, events: readonly Event[]): Promise<number> {
  const database = await openDatabase(placeOf(where));
  const writer = new StoreWriter(database, true);
  await writer.begin({ id: RUN, kind: 'attach', started: STARTED });
  const start = performance.now();
  for (let at = 0; at < events.length; at += BATCH)
    await writer.add(events.slice(at, at + BATCH).map((event) => rowsOf(event, RUN)));
  const seconds = (performance.now() - start) / 1000;
  await database.close();
  return seconds;
}

async function alone(file: string, events: readonly Event[]): Promise<number> {
  const connection = await openSqlite(file);
  connection.exec('create table events (run text, seq integer, body text, primary key (run, seq))');
  const insert = connection.prepare('insert into events values (?, ?, ?)');
  const write = connection.transaction((batch: readonly Event[]) => {
    for (const event of batch) insert.run(RUN, event.seq, JSON.stringify(event));
  });
  const start = performance.now();
  for (let at = 0; at < events.length; at += BATCH) write(events.slice(at, at + BATCH));
  const seconds = (performance.now() - start) / 1000;
  connection.close();
  return seconds;
}
