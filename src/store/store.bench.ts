import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Event } from '../model/event.ts';
import { openDatabase } from './database.ts';
import { rowsOf } from './event-rows.ts';
import { placeOf } from './place.ts';
import { BATCH } from './queue.ts';
import { openSqlite } from './sqlite.ts';
import { STARTED } from './testing-events.ts';
import { NO_POSTGRES, startPostgres } from './testing-postgres.ts';
import { recordedEvents } from './testing-recorded.ts';
import { StoreWriter } from './writer.ts';

const RUN = '01J00000000000000000000001';

interface Rate {
  readonly name: string;
  /** Events a second of each round: as the clock has it, and of the time that this process had a processor. */
  readonly ofClock: readonly number[];
  readonly ofProcessor: readonly number[];
}

interface Took {
  readonly seconds: number;
  readonly processor: number;
}

/** Events of recorded runs from memory into new stores, a transaction for each batch; the peer puts the same JSON into a table of its own and nothing else. `runs`: see `recordedEvents`. */
export async function benchStore(runs: string, count: number, rounds: number): Promise<readonly Rate[]> {
  const dir = mkdtempSync(join(tmpdir(), 'vexfs-bench-'));
  const events = recordedEvents(runs, RUN, count);
  const server = NO_POSTGRES === '' ? await startPostgres() : undefined;
  const ways: readonly (readonly [string, (round: number) => Promise<Took>])[] = [
    ['into SQLite', (round) => ingest(join(dir, `${round}.sqlite`), events)],
    ['better-sqlite3 alone, the JSON into one table', (round) => alone(join(dir, `${round}.raw`), events)],
    ...(server === undefined ? [] : [['into PostgreSQL', () => ingest(server.fresh(), events)] as const]),
  ];
  const rates = ways.map(([name]) => ({ name, ofClock: [] as number[], ofProcessor: [] as number[] }));
  try {
    // In turn: a machine that is slow for a while is slow for all. The first round is not counted.
    for (let round = 0; round <= rounds; round++)
      for (const [i, [, run]] of ways.entries()) {
        const { seconds, processor } = await run(round);
        if (round === 0) continue;
        rates[i]?.ofClock.push(count / seconds);
        rates[i]?.ofProcessor.push(count / processor);
      }
  } finally {
    await server?.stop();
    rmSync(dir, { recursive: true, force: true });
  }
  return server === undefined
    ? [...rates, { name: `into PostgreSQL${NO_POSTGRES}`, ofClock: [], ofProcessor: [] }]
    : rates;
}

async function ingest(where: string, events: readonly Event[]): Promise<Took> {
  const database = await openDatabase(placeOf(where));
  const writer = new StoreWriter(database, true);
  await writer.begin({ id: RUN, kind: 'attach', started: STARTED });
  const took = await timed(async () => {
    for (let at = 0; at < events.length; at += BATCH)
      await writer.add(events.slice(at, at + BATCH).map((event) => rowsOf(event, RUN)));
  });
  await database.close();
  return took;
}

async function alone(file: string, events: readonly Event[]): Promise<Took> {
  const connection = await openSqlite(file);
  connection.exec('create table events (run text, seq integer, body text, primary key (run, seq))');
  const insert = connection.prepare('insert into events values (?, ?, ?)');
  const write = connection.transaction((batch: readonly Event[]) => {
    for (const event of batch) insert.run(RUN, event.seq, JSON.stringify(event));
  });
  const took = await timed(() => {
    for (let at = 0; at < events.length; at += BATCH) write(events.slice(at, at + BATCH));
  });
  connection.close();
  return took;
}

/** What the server of PostgreSQL does is on the clock alone. */
async function timed(work: () => Promise<void> | void): Promise<Took> {
  const [start, before] = [performance.now(), process.cpuUsage()];
  await work();
  const { user, system } = process.cpuUsage(before);
  return { seconds: (performance.now() - start) / 1000, processor: (user + system) / 1e6 };
}
