import { setTimeout as sleep } from 'node:timers/promises';
import { failureOf, toExpected } from './failure.ts';
import { type Db, type KyselyModule, loadKysely } from './kysely.ts';
import { migrate } from './migrations.ts';
import type { Place } from './place.ts';
import { postgresDialect } from './postgres.ts';
import { openSqlite, type SqliteConnection, type SqliteOptions, sqliteDialect } from './sqlite.ts';

/** An open store: the same queries work on both kinds. */
export interface Database {
  readonly kind: 'sqlite' | 'postgres';
  readonly place: Place;
  readonly db: Db;
  readonly kysely: KyselyModule;
  /** Of SQLite alone: for what has no query. */
  readonly connection?: SqliteConnection;
  /** All of it or nothing. No other writer of SQLite is between; waits for the busy time and fails with its code. */
  write<T>(work: (db: Db) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

export interface DatabaseOptions extends SqliteOptions {
  /** How long a transaction waits for those of others; 10 s when absent. */
  readonly busyMs?: number;
}

const BUSY_MS = 10_000;
const AGAIN_MS = 5;

/** Opens a store and brings its tables to today's form. Fails with exit 3 where it cannot be used, 2 where it is newer than this program. */
export async function openDatabase(place: Place, options: DatabaseOptions = {}): Promise<Database> {
  let database: Database | undefined;
  try {
    database = await openRaw(place, options);
    await migrate({ ...database, place: place.shown });
    return database;
  } catch (error) {
    await database?.close().catch(() => {});
    throw toExpected(error, place.shown);
  }
}

/** The same without a look at the tables. */
export async function openRaw(place: Place, options: DatabaseOptions = {}): Promise<Database> {
  const kysely = await loadKysely();
  const connection = place.kind === 'sqlite' ? await openSqlite(place.file, options) : undefined;
  const dialect =
    place.kind === 'postgres'
      ? await postgresDialect(kysely, place.url)
      : sqliteDialect(kysely, connection as SqliteConnection);
  const db: Db = new kysely.Kysely({ dialect });
  // Immediate: a transaction that begins by reading could not go on to write when another has written since.
  const begin = kysely.CompiledQuery.raw(place.kind === 'sqlite' ? 'begin immediate' : 'begin');
  const [commit, rollback] = [kysely.CompiledQuery.raw('commit'), kysely.CompiledQuery.raw('rollback')];
  return {
    kind: place.kind,
    place,
    db,
    kysely,
    ...(connection !== undefined && { connection }),
    write: (work) =>
      db.connection().execute(async (own) => {
        for (const end = performance.now() + (options.busyMs ?? BUSY_MS); ; await sleep(AGAIN_MS)) {
          try {
            await own.executeQuery(begin);
            break;
          } catch (error) {
            if (failureOf(error) !== 'busy' || performance.now() >= end) throw error;
          }
        }
        try {
          const result = await work(own);
          await own.executeQuery(commit);
          return result;
        } catch (error) {
          // A full disk has ended the transaction already.
          await own.executeQuery(rollback).catch(() => {});
          throw error;
        }
      }),
    close: () => db.destroy(),
  };
}
