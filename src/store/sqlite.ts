import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import type Sqlite from 'better-sqlite3';
import { ExpectedError, messageOf } from '../base/errors.ts';
import type { Dialect, KyselyModule } from './kysely.ts';

export type SqliteConnection = Sqlite.Database;

export interface SqliteOptions {
  /** Pages that the file may have; for tests of what happens when there is no room. */
  readonly maxPages?: number;
}

/** How long the first look at a file waits for another program, which may be making it. */
const OPEN_MS = 5000;
/** How long a statement waits: nothing else happens in this process meanwhile. Whoever can wait longer tries again. */
const BUSY_MS = 10;

/** Opens or makes the file. The one place that names the package. */
export async function openSqlite(file: string, { maxPages }: SqliteOptions = {}): Promise<SqliteConnection> {
  const Database = await load();
  mkdirSync(dirname(file), { recursive: true });
  const connection = new Database(file, { timeout: OPEN_MS });
  try {
    // Before the first table: room that is given back can then be returned to the file system bit by bit.
    connection.pragma('auto_vacuum = incremental');
    connection.pragma('journal_mode = wal');
    // A kill loses nothing that was committed; a power cut loses the last batches, whole.
    connection.pragma('synchronous = normal');
    connection.pragma('foreign_keys = on');
    connection.pragma('cache_size = -16000');
    if (maxPages !== undefined) connection.pragma(`max_page_count = ${Math.trunc(maxPages)}`);
    connection.pragma(`busy_timeout = ${BUSY_MS}`);
    return connection;
  } catch (error) {
    connection.close();
    throw error;
  }
}

async function load(): Promise<typeof Sqlite> {
  try {
    return (await import('better-sqlite3')).default;
  } catch (error) {
    throw new ExpectedError(
      'missing',
      `the package better-sqlite3 is not there: ${messageOf(error).split('\n')[0]}`,
      'run: npm rebuild better-sqlite3 (it needs build-essential and the headers of Node), or give a PostgreSQL with --store postgresql://…',
    );
  }
}

/** Statements that are kept compiled. */
const MAX_STATEMENTS = 128;

export function sqliteDialect({ SqliteDialect }: KyselyModule, connection: SqliteConnection): Dialect {
  const statements = new Map<string, Sqlite.Statement>();
  return new SqliteDialect({
    database: {
      close: () => connection.close(),
      prepare: (sql) => {
        let statement = statements.get(sql);
        if (statement === undefined) {
          statement = connection.prepare(sql);
          if (statements.size >= MAX_STATEMENTS) statements.clear();
          statements.set(sql, statement);
        }
        // One that somebody still reads from cannot be used again.
        return (statement.busy ? connection.prepare(sql) : statement) as never;
      },
    },
  });
}
