import { ExpectedError } from '../base/errors.ts';
import type { Db, KyselyModule } from './kysely.ts';

/** Each is applied once, in order, in a transaction of its own. What was released stays as it is: a change is a new one. */
const MIGRATIONS: readonly (readonly string[])[] = [
  [
    `create table runs (
      id text primary key, parent text references runs (id) on delete cascade, kind text not null, name text,
      started text not null, seen text not null, ended text, tool text, command text not null, guest text, kernel text,
      module text, capture text, kept integer not null default 0, events bigint not null default 0,
      bytes bigint not null default 0, missing bigint not null default 0)`,
    'create index runs_by_parent on runs (parent)',
    'create index runs_by_start on runs (started)',
    `create table attempts (
      run text not null references runs (id) on delete cascade, id text not null, attempt integer not null, test text not null,
      domain text not null, final integer not null, verdict text not null, culprit text, reason text not null, lane text,
      duration_ms double precision not null, body text not null, primary key (run, id, attempt))`,
    'create index attempts_by_test on attempts (test)',
    `create table events (
      run text not null references runs (id) on delete cascade, seq bigint not null, id text not null, event text not null,
      kind text not null, test text, boot bigint, incident text, severity text, title text, fingerprint text, final integer,
      observed bigint, wall text, body text not null, primary key (run, seq))`,
    'create index events_by_kind on events (run, event, kind)',
    'create index events_by_test on events (run, test) where test is not null',
    'create index events_by_incident on events (run, incident) where incident is not null',
    'create index events_by_severity on events (severity) where severity is not null',
    'create index events_by_title on events (title) where title is not null',
    'create index events_by_fingerprint on events (fingerprint) where fingerprint is not null',
    'create index events_by_wall on events (wall) where wall is not null',
    `create table tests (
      run text not null references runs (id) on delete cascade, seq bigint not null, test text not null, attempt integer,
      domain text, verdict text, culprit text, reason text, duration_ms double precision, primary key (run, seq))`,
    'create index tests_by_test on tests (test)',
    `create table incidents (
      run text not null references runs (id) on delete cascade, incident text not null, cause text not null, title text not null,
      classification text not null, severity text not null, outcome text not null, test text, last_seq bigint not null,
      opened text, closed text, primary key (run, incident))`,
    `create table recoveries (
      run text not null references runs (id) on delete cascade, seq bigint not null, incident text, test text, action text not null,
      result text not null, verified integer not null, duration_ms double precision not null, reason text not null,
      primary key (run, seq))`,
    `create table metrics (
      run text not null references runs (id) on delete cascade, seq bigint not null, n integer not null, kind text not null,
      name text not null, label text not null, t double precision, value double precision not null, primary key (run, seq, n))`,
    'create index metrics_by_name on metrics (name, label, run)',
    `create view crash_statistics as
      select e.fingerprint as fingerprint, max(e.title) as title, count(distinct coalesce(r.parent, r.id)) as runs,
        count(*) as count, min(e.wall) as first_seen, max(e.wall) as last_seen
      from events e join runs r on r.id = e.run
      where e.fingerprint is not null and e.final = 1 group by e.fingerprint`,
  ],
  [
    // A histogram came to hundreds of rows for each time it was read: the numbers of metrics are in the events alone (metric-samples.ts).
    'drop table metrics',
    // Written for every event, and asked for by nobody.
    ...['title', 'severity', 'wall'].map((name) => `drop index events_by_${name}`),
    'alter table events add column crc bigint',
  ],
  [
    // Beside the runs, so that a list of them does not read it.
    'create table summaries (run text primary key references runs (id) on delete cascade, body text not null)',
  ],
];

export interface Migrating {
  readonly kind: 'sqlite' | 'postgres';
  readonly kysely: KyselyModule;
  /** For people. */
  readonly place: string;
  /** In a transaction that no other writer gets between. */
  write<T>(work: (db: Db) => Promise<T>): Promise<T>;
}

/**
 * Brings the tables to the form that this program knows; one that a newer program has made is refused with exit 2. `known`: the first so
 * many changes, as an older program knew them.
 */
export async function migrate({ kind, kysely, place, write }: Migrating, known = MIGRATIONS.length): Promise<void> {
  const { sql } = kysely;
  // As the text of SQLite: by its bytes, whatever the language of the server is.
  const written = (text: string) =>
    kind === 'sqlite' ? text : text.replaceAll(/ text\b(?! collate)/g, ' text collate "C"');
  await write(async (db) => {
    // Two that come to an empty database at the same time: one makes the tables, the other finds them.
    if (kind === 'postgres') await sql`select pg_advisory_xact_lock(${LOCK})`.execute(db);
    await sql
      .raw(written('create table if not exists store_meta (name text primary key, value text not null)'))
      .execute(db);
    const row = await db.selectFrom('store_meta').select('value').where('name', '=', 'schema').executeTakeFirst();
    const at = Number(row?.value ?? 0);
    if (at > known)
      throw new ExpectedError(
        'usage',
        `${place} was made by a newer version of this program (its schema is ${at}, this one knows ${known})`,
        'use that version, or name another store with --store',
      );
    if (at === known) return;
    for (const statements of MIGRATIONS.slice(at, known))
      for (const statement of statements) await sql.raw(written(statement)).execute(db);
    await db
      .insertInto('store_meta')
      .values({ name: 'schema', value: String(known) })
      .onConflict((on) => on.column('name').doUpdateSet({ value: String(known) }))
      .execute();
  });
}

/** "vexf" */
const LOCK = 0x76657866;
