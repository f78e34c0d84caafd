import { ExpectedError } from '../base/errors.ts';
import type { Database } from './database.ts';
import type { AttemptRow, CrashStatistic, IncidentRow, RecoveryRow, RunRow } from './tables.ts';

export interface RunSummary extends RunRow {
  /** Of a run of tests: recordings of guests. */
  readonly recordings: number;
  /** Those of its recordings are among them, here and in `events` and `bytes`. */
  readonly findings: number;
  readonly incidents: number;
  readonly recovered: number;
}

export interface RunFilter {
  readonly limit?: number;
  readonly kept?: boolean;
}

/** Runs that are not part of another one, the last first. */
export async function listRuns({ db }: Database, { limit, kept }: RunFilter = {}): Promise<RunSummary[]> {
  let query = db
    .selectFrom('runs as r')
    .selectAll('r')
    .select((eb) => {
      const part = eb
        .selectFrom('runs as p')
        .select('p.id')
        .where((where) => where.or([where('p.id', '=', where.ref('r.id')), where('p.parent', '=', where.ref('r.id'))]));
      const sum = (name: 'events' | 'bytes' | 'missing') =>
        eb
          .selectFrom('runs as s')
          .select((of) => of.fn.coalesce(of.fn.sum<number>(`s.${name}`), of.val(0)).as('n'))
          .where((where) =>
            where.or([where('s.id', '=', where.ref('r.id')), where('s.parent', '=', where.ref('r.id'))]),
          );
      const incidents = eb
        .selectFrom('incidents as i')
        .select((of) => of.fn.countAll<number>().as('n'))
        .where('i.run', 'in', part);
      return [
        sum('events').as('all_events'),
        sum('bytes').as('all_bytes'),
        sum('missing').as('all_missing'),
        incidents.as('incidents'),
        incidents.where('i.outcome', '=', 'recovered').as('recovered'),
        eb
          .selectFrom('runs as c')
          .select((of) => of.fn.countAll<number>().as('n'))
          .whereRef('c.parent', '=', 'r.id')
          .as('recordings'),
        eb
          .selectFrom('events as e')
          .select((of) => of.fn.countAll<number>().as('n'))
          .where('e.run', 'in', part)
          .where('e.event', 'in', ['crash', 'race', 'lock', 'leak'])
          .where('e.final', '=', 1)
          .as('findings'),
      ];
    })
    .where('r.parent', 'is', null)
    .orderBy('r.started', 'desc')
    .orderBy('r.id', 'desc');
  if (kept !== undefined) query = query.where('r.kept', '=', Number(kept));
  if (limit !== undefined) query = query.limit(limit);
  const rows = await query.execute();
  return rows.map(({ all_events, all_bytes, all_missing, recordings, findings, incidents, recovered, ...row }) => ({
    ...row,
    ...{ events: all_events ?? 0, bytes: all_bytes ?? 0, missing: all_missing ?? 0 },
    ...{ recordings: recordings ?? 0, findings: findings ?? 0, incidents: incidents ?? 0, recovered: recovered ?? 0 },
  }));
}

const MAX_LIKE = 100;

/** A run by its id, by what its id begins or ends with, or `last`; a recording of a run of tests, too. Fails with exit 2. */
export async function findRun({ db }: Database, text: string): Promise<RunRow> {
  const name = text.toUpperCase();
  const base = db.selectFrom('runs').selectAll().orderBy('started', 'desc').orderBy('id', 'desc').limit(MAX_LIKE);
  const found =
    name === 'LAST'
      ? (await base.where('parent', 'is', null).execute()).slice(0, 1)
      : await base
          .where((eb) =>
            // A prefix as a range, so that no character stands for others.
            eb.or([
              eb('id', '=', text),
              ...(name.length < 4
                ? []
                : [
                    eb.and([eb('id', '>=', name), eb('id', '<', `${name}~`)]),
                    eb(eb.fn<string>('substr', ['id', eb.val(27 - name.length)]), '=', name),
                  ]),
            ]),
          )
          .execute();
  const exact = found.filter(({ id }) => id === text);
  // A recording has an id like that of the run of tests which it belongs to: that run is meant.
  const whole = found.filter(({ parent }) => parent === null);
  const [run, another] = exact.length > 0 ? exact : whole.length > 0 ? whole : found;
  if (run === undefined)
    throw new ExpectedError(
      'usage',
      `there is no run "${text.slice(0, 80)}" in the store`,
      'see: vexfs-trace runs list',
    );
  if (another !== undefined)
    throw new ExpectedError(
      'usage',
      `"${text.slice(0, 80)}" is the beginning or end of several runs`,
      'give more of it',
    );
  return run;
}

/** Recordings of a run of tests, in the order in which they began. */
export function recordingsOf({ db }: Database, run: string): Promise<RunRow[]> {
  return db.selectFrom('runs').selectAll().where('parent', '=', run).orderBy('started').orderBy('id').execute();
}

export function attemptsOf({ db }: Database, run: string): Promise<AttemptRow[]> {
  return db.selectFrom('attempts').selectAll().where('run', '=', run).orderBy('id').orderBy('attempt').execute();
}

export function incidentsOf({ db }: Database, runs: readonly string[]): Promise<IncidentRow[]> {
  return db.selectFrom('incidents').selectAll().where('run', 'in', runs).orderBy('run').orderBy('last_seq').execute();
}

export function recoveriesOf({ db }: Database, runs: readonly string[]): Promise<RecoveryRow[]> {
  return db.selectFrom('recoveries').selectAll().where('run', 'in', runs).orderBy('run').orderBy('seq').execute();
}

/** Where the attempts at tests stand: the recording, and the number of the event that ends each. */
export function testsOf({ db }: Database, runs: readonly string[]) {
  return db
    .selectFrom('tests')
    .select(['run', 'seq', 'test', 'attempt', 'verdict'])
    .where('run', 'in', runs)
    .orderBy('run')
    .orderBy('seq')
    .execute();
}

/** Failures of these runs, with how they stand in all runs: the most frequent first. */
export function crashStatistics({ db }: Database, runs?: readonly string[]): Promise<CrashStatistic[]> {
  let query = db.selectFrom('crash_statistics').selectAll().orderBy('count', 'desc').orderBy('fingerprint');
  if (runs !== undefined)
    query = query.where('fingerprint', 'in', (eb) =>
      eb
        .selectFrom('events')
        .select('fingerprint')
        .where('run', 'in', runs)
        .where('fingerprint', 'is not', null)
        .where('final', '=', 1),
    );
  return query.execute();
}

export interface EventFilter {
  readonly event?: readonly string[];
  readonly kind?: readonly string[];
  readonly severity?: readonly string[];
  readonly test?: string;
  readonly incident?: string;
  readonly fingerprint?: string;
  /** ISO 8601. */
  readonly since?: string;
  readonly until?: string;
}

const PAGE = 500;

/** Events of a recording as they were written, in their order; a page at a time is in memory. */
export async function* eventsOf({ db }: Database, run: string, filter: EventFilter = {}): AsyncGenerator<string> {
  const { event, kind, severity, since, until } = filter;
  for (let after = -1; ; ) {
    let query = db
      .selectFrom('events')
      .select(['seq', 'body'])
      .where('run', '=', run)
      .where('seq', '>', after)
      .orderBy('seq')
      .limit(PAGE);
    if (event !== undefined && event.length > 0) query = query.where('event', 'in', event);
    if (kind !== undefined && kind.length > 0) query = query.where('kind', 'in', kind);
    if (severity !== undefined && severity.length > 0) query = query.where('severity', 'in', severity);
    for (const name of ['test', 'incident', 'fingerprint'] as const)
      if (filter[name] !== undefined) query = query.where(name, '=', filter[name]);
    if (since !== undefined) query = query.where('wall', '>=', since);
    if (until !== undefined) query = query.where('wall', '<', until);
    const rows = await query.execute();
    for (const { body } of rows) yield body;
    const last = rows.at(-1);
    if (last === undefined || rows.length < PAGE) return;
    after = last.seq;
  }
}
