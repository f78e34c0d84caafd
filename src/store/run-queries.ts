import type { Database } from './database.ts';

/** What a run of tests came to, as JSON. */
export async function summaryOf({ db }: Database, run: string): Promise<string | undefined> {
  const row = await db.selectFrom('summaries').select('body').where('run', '=', run).executeTakeFirst();
  return row?.body;
}

/** The last runs that are no part of another one and began at `since` (ISO 8601) or later, the first of them first. */
export async function runsSince({ db }: Database, since: string, limit: number) {
  const rows = await db
    .selectFrom('runs as r')
    .leftJoin('summaries as s', 's.run', 'r.id')
    .select(['r.id', 'r.kind', 'r.started', 'r.tool', 'r.command', 'r.kernel', 'r.module', 's.body as summary'])
    .where('r.parent', 'is', null)
    .where('r.kind', '!=', 'replay')
    .where('r.started', '>=', since)
    .orderBy('r.started', 'desc')
    .orderBy('r.id', 'desc')
    .limit(limit)
    .execute();
  return rows.toReversed();
}
export type RunSince = Awaited<ReturnType<typeof runsSince>>[number];

/** Complete findings of these runs and their recordings, by run, fingerprint, title and test. */
export function failuresOf({ db }: Database, runs: readonly string[]) {
  return db
    .selectFrom('events as e')
    .innerJoin('runs as r', 'r.id', 'e.run')
    .select((eb) => [
      eb.fn.coalesce('r.parent', 'r.id').as('top'),
      'e.fingerprint',
      'e.title',
      'e.test',
      eb.fn.countAll<number>().as('n'),
      eb.fn.min('e.wall').as('first'),
      eb.fn.max('e.wall').as('last'),
    ])
    .where('e.fingerprint', 'is not', null)
    .where('e.final', '=', 1)
    .where((eb) => eb.or([eb('r.id', 'in', runs), eb('r.parent', 'in', runs)]))
    .groupBy(['top', 'e.fingerprint', 'e.title', 'e.test'])
    .orderBy('first')
    .orderBy('e.fingerprint')
    .orderBy('e.test')
    .execute();
}
