import type { Database } from './database.ts';
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

const TABLES = ['runs', 'attempts', 'events', 'tests', 'incidents', 'recoveries'] as const;

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
