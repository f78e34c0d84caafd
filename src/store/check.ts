import type { Database } from './database.ts';
import { isAsWritten } from './sound-rows.ts';
import { recount } from './writer.ts';

/** What is wrong with a store, in words; nothing when all is right. */
export async function problemsOf(database: Database): Promise<string[]> {
  const { connection } = database;
  const problems: string[] = [];
  if (connection !== undefined) {
    const found = connection.pragma(`integrity_check(${MAX_FOUND})`) as { readonly integrity_check: string }[];
    problems.push(...found.map((row) => row.integrity_check).filter((text) => text !== 'ok'));
    const orphans = connection.pragma('foreign_key_check') as { readonly table: string }[];
    for (const table of new Set(orphans.map((row) => row.table)))
      problems.push(`rows of ${table} belong to a run that is not there`);
  }
  for (const { id, events, counted } of await miscounted(database))
    problems.push(`run ${id} says that it has ${events} events, and has ${counted}`);
  for (const [run, count] of await altered(database))
    problems.push(`${count} events of run ${run} are not as they were written`);
  return problems;
}

const MAX_FOUND = 20;

/** Mends what needs no copy of the store: indexes are built anew, sums counted anew. */
export async function mend(database: Database): Promise<void> {
  const { connection, db, kysely } = database;
  if (connection !== undefined) connection.exec('reindex');
  else for (const table of TABLES) await kysely.sql`reindex table ${kysely.sql.table(table)}`.execute(db);
  for (const { id } of await miscounted(database)) await database.write((own) => recount(database, own, id));
}

const TABLES = ['runs', 'attempts', 'events', 'tests', 'incidents', 'recoveries', 'summaries'] as const;

const PAGE = 500;

/** Events whose text has changed in the file, by run. */
async function altered({ db }: Database): Promise<Map<string, number>> {
  const found = new Map<string, number>();
  for (const { id } of await db.selectFrom('runs').select('id').orderBy('id').execute())
    for (let after = -1, full = true; full; ) {
      const rows = await db
        .selectFrom('events')
        .select(['seq', 'body', 'crc'])
        .where('run', '=', id)
        .where('seq', '>', after)
        .orderBy('seq')
        .limit(PAGE)
        .execute();
      const wrong = rows.filter((row) => !isAsWritten(row)).length;
      if (wrong > 0) found.set(id, (found.get(id) ?? 0) + wrong);
      after = rows.at(-1)?.seq ?? after;
      full = rows.length === PAGE;
    }
  return found;
}

function miscounted({ db }: Database) {
  return db
    .selectFrom((eb) =>
      eb
        .selectFrom('runs')
        .select((run) => [
          'id',
          'events',
          run
            .selectFrom('events as e')
            .select((of) => of.fn.countAll<number>().as('n'))
            .whereRef('e.run', '=', 'runs.id')
            .as('counted'),
        ])
        .as('sums'),
    )
    .selectAll()
    .whereRef('events', '!=', 'counted')
    .execute();
}
