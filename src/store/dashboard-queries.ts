import type { Database } from './database.ts';
import type { RunRow } from './tables.ts';

/** Recordings of these runs of tests. */
export function recordingsOfAll({ db }: Database, runs: readonly string[]): Promise<RunRow[]> {
  if (runs.length === 0) return Promise.resolve([]);
  return db.selectFrom('runs').selectAll().where('parent', 'in', runs).orderBy('started').orderBy('id').execute();
}

/** How many tests of these runs came to what in the end. */
export function verdictCounts({ db }: Database, runs: readonly string[]) {
  if (runs.length === 0) return Promise.resolve([]);
  return db
    .selectFrom('attempts')
    .select((eb) => ['run', 'verdict', eb.fn.countAll<number>().as('n')])
    .where('run', 'in', runs)
    .where('final', '=', 1)
    .groupBy(['run', 'verdict'])
    .execute();
}

const MAX_GROUPS = 20_000;

/** Complete findings by fingerprint and recording; of these recordings where some are named. */
export function findingGroups({ db }: Database, recordings?: readonly string[]) {
  let query = db
    .selectFrom('events as e')
    .innerJoin('runs as r', 'r.id', 'e.run')
    .select((eb) => [
      'e.fingerprint',
      'e.run',
      'r.parent',
      eb.fn.countAll<number>().as('n'),
      eb.fn.max('e.title').as('title'),
      eb.fn.min('e.wall').as('first'),
      eb.fn.max('e.wall').as('last'),
    ])
    .where('e.fingerprint', 'is not', null)
    .where('e.final', '=', 1)
    .groupBy(['e.fingerprint', 'e.run', 'r.parent'])
    .orderBy('last', 'desc')
    .limit(MAX_GROUPS);
  if (recordings !== undefined) query = query.where('e.run', 'in', recordings);
  return query.execute();
}

/** The last complete findings of a fingerprint, the last first. */
export function findingsOf({ db }: Database, fingerprint: string, limit: number) {
  return db
    .selectFrom('events as e')
    .innerJoin('runs as r', 'r.id', 'e.run')
    .select(['e.run', 'r.parent', 'e.seq', 'e.wall', 'e.test', 'e.body'])
    .where('e.fingerprint', '=', fingerprint)
    .where('e.final', '=', 1)
    .orderBy('e.wall', 'desc')
    .limit(limit)
    .execute();
}

/** Events of a recording behind number `after`. */
export function eventsAfter({ db }: Database, recording: string, after: number, limit: number) {
  return db
    .selectFrom('events')
    .select(['seq', 'body'])
    .where('run', '=', recording)
    .where('seq', '>', after)
    .orderBy('seq')
    .limit(limit)
    .execute();
}
