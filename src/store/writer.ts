import type { Database } from './database.ts';
import type { EventRows } from './event-rows.ts';
import { Inserter } from './insert.ts';
import type { CompiledQuery, Db } from './kysely.ts';
import type { AttemptRow, IncidentRow, RunRow } from './tables.ts';

/** What is known of a run when it begins. */
export type NewRun = Pick<RunRow, 'id' | 'kind' | 'started'> & Partial<Omit<RunRow, 'events' | 'bytes' | 'kept'>>;

/** Writes runs and what happened in them. What is there already stays: to write something twice changes nothing. */
export class StoreWriter {
  readonly #database: Database;
  readonly #inserter: Inserter;
  readonly #live: boolean;
  #upsert: CompiledQuery | undefined;
  #sums: CompiledQuery | undefined;

  /** `live`: what is written happens now. */
  constructor(database: Database, live = false) {
    this.#live = live;
    this.#database = database;
    this.#inserter = new Inserter(database.kysely);
  }

  /** A run that is there goes on. */
  async begin(run: NewRun): Promise<void> {
    const row = {
      ...{ parent: null, name: null, ended: null, tool: null, guest: null, kernel: null, module: null, capture: null },
      ...{ seen: run.started, command: '[]', kept: 0, events: 0, bytes: 0, missing: 0 },
      ...run,
    };
    await this.#database.write(async (db) => {
      await db
        .insertInto('runs')
        .values(row)
        .onConflict((on) => on.column('id').doNothing())
        .execute();
    });
  }

  /** One transaction: all of it is there afterwards, or nothing. How many events were not there before. */
  async add(batch: readonly EventRows[], attempts: readonly AttemptRow[] = []): Promise<number> {
    return this.#database.write(async (db) => {
      const inserted = await this.#events(db, batch);
      await this.#inserter.insert(
        db,
        'tests',
        batch.flatMap(({ test }) => test ?? []),
      );
      await this.#inserter.insert(
        db,
        'recoveries',
        batch.flatMap(({ recovery }) => recovery ?? []),
      );
      for (const incident of lastOf(batch.flatMap((rows) => rows.incident ?? []))) await this.#incident(db, incident);
      await this.#inserter.insert(db, 'attempts', attempts);
      return inserted;
    });
  }

  /** `summary`: JSON. One that is there is replaced: a run that was taken up again has come to something else. */
  async summary(run: string, summary: string): Promise<void> {
    await this.#database.write(async (db) => {
      await db
        .insertInto('summaries')
        .values({ run, body: summary })
        .onConflict((on) => on.column('run').doUpdateSet({ body: summary }))
        .execute();
    });
  }

  /** `missing`: events that came and could not be kept. */
  async end(id: string, ended: string, missing: number): Promise<void> {
    await this.#database.write(async (db) => {
      await db.updateTable('runs').set({ ended, seen: ended, missing }).where('id', '=', id).execute();
    });
  }

  async #events(db: Db, batch: readonly EventRows[]): Promise<number> {
    const inserted = await this.#inserter.insert(
      db,
      'events',
      batch.map(({ event }) => event),
    );
    const runs = groups(batch);
    for (const [run, { count, bytes, seen }] of runs) {
      if (inserted === batch.length) {
        this.#sums ??= this.#compileSums(db);
        await db.executeQuery({ ...this.#sums, parameters: [count, bytes, ...(this.#live ? [seen] : []), run] });
      }
      // Some of them were there: which, no database says.
      else if (inserted > 0) await recount(this.#database, db, run);
    }
    return inserted;
  }

  /** Parameters: events, bytes, when it is live the time, the run. */
  #compileSums(db: Db): CompiledQuery {
    const { sql } = db
      .updateTable('runs')
      .set((eb) => ({
        events: eb('events', '+', 0),
        bytes: eb('bytes', '+', 0),
        ...(this.#live && { seen: '' }),
      }))
      .where('id', '=', '')
      .compile();
    return this.#database.kysely.CompiledQuery.raw(sql);
  }

  /** The row of an incident is that of its last event, whichever comes first. */
  async #incident(db: Db, row: IncidentRow): Promise<void> {
    this.#upsert ??= this.#compileUpsert(db, row);
    await db.executeQuery({ ...this.#upsert, parameters: Object.values(row) });
  }

  #compileUpsert(db: Db, row: IncidentRow): CompiledQuery {
    const { sql, CompiledQuery } = this.#database.kysely;
    const { run: _, incident: __, opened: ___, closed: ____, ...last } = row;
    const newer = sql<boolean>`excluded.last_seq > incidents.last_seq`;
    const set = Object.keys(last).map(
      (name) =>
        [
          name,
          sql`case when ${newer} then ${sql.ref(`excluded.${name}`)} else ${sql.ref(`incidents.${name}`)} end`,
        ] as const,
    );
    const query = db
      .insertInto('incidents')
      .values(row)
      .onConflict((on) =>
        on.columns(['run', 'incident']).doUpdateSet({
          ...Object.fromEntries(set),
          opened: sql`coalesce(incidents.opened, excluded.opened)`,
          closed: sql`coalesce(incidents.closed, excluded.closed)`,
        } as never),
      )
      .compile();
    return CompiledQuery.raw(query.sql);
  }
}

/** One row for each incident: that of its last event, with the times of the others. */
function lastOf(rows: readonly IncidentRow[]): Iterable<IncidentRow> {
  const last = new Map<string, IncidentRow>();
  for (const row of rows) {
    const key = `${row.run} ${row.incident}`;
    const other = last.get(key) ?? row;
    const [older, newer] = other.last_seq > row.last_seq ? [row, other] : [other, row];
    // In the order of their columns: the statement is compiled once.
    last.set(key, { ...newer, opened: newer.opened ?? older.opened, closed: newer.closed ?? older.closed });
  }
  return last.values();
}

/** Sets the sums of a run to what is there. */
export async function recount({ kysely: { sql } }: Database, db: Db, run: string): Promise<void> {
  await sql`update runs set
    events = (select count(*) from events where events.run = runs.id),
    bytes = (select coalesce(sum(octet_length(body)), 0) from events where events.run = runs.id)
    where id = ${run}`.execute(db);
}

interface Group {
  count: number;
  bytes: number;
  seen: string;
}

function groups(batch: readonly EventRows[]): Map<string, Group> {
  const runs = new Map<string, Group>();
  const now = new Date().toISOString();
  for (const { event } of batch) {
    const group = runs.get(event.run) ?? { count: 0, bytes: 0, seen: now };
    runs.set(event.run, group);
    group.count += 1;
    group.bytes += Buffer.byteLength(event.body);
  }
  return runs;
}
