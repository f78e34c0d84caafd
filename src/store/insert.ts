import type { CompiledQuery, Db, KyselyModule } from './kysely.ts';
import type { Tables } from './tables.ts';

/** Rows of one statement, largest first: few statements are compiled, and none has more parameters than a database takes. */
const SIZES = [64, 8, 1] as const;

type Filled = 'events' | 'tests' | 'recoveries' | 'attempts';

/** Inserts rows, many at a time. A row that is there already stays as it is. */
export class Inserter {
  readonly #kysely: KyselyModule;
  readonly #compiled = new Map<string, CompiledQuery>();

  constructor(kysely: KyselyModule) {
    this.#kysely = kysely;
  }

  /** How many of them were not there before. */
  async insert<T extends Filled>(db: Db, table: T, rows: readonly Tables[T][]): Promise<number> {
    const columns = Object.keys(rows[0] ?? {}) as (keyof Tables[T])[];
    let inserted = 0;
    for (let at = 0; at < rows.length; ) {
      const size = SIZES.find((each) => each <= rows.length - at) ?? 1;
      const part = rows.slice(at, at + size);
      const parameters: unknown[] = [];
      for (const row of part) for (const column of columns) parameters.push(row[column]);
      const result = await db.executeQuery({ ...this.#compile(db, table, part), parameters });
      inserted += Number(result.numAffectedRows ?? 0);
      at += size;
    }
    return inserted;
  }

  /** Building a statement takes longer than running it. */
  #compile<T extends Filled>(db: Db, table: T, rows: readonly Tables[T][]): CompiledQuery {
    const key = `${table} ${rows.length}`;
    let query = this.#compiled.get(key);
    if (query === undefined) {
      const { sql } = db
        .insertInto(table)
        .values(rows as never)
        .onConflict((on) => on.doNothing())
        .compile();
      query = this.#kysely.CompiledQuery.raw(sql);
      this.#compiled.set(key, query);
    }
    return query;
  }
}
