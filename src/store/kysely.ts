import type * as kysely from 'kysely';
import type { Tables } from './tables.ts';

/** The one place that names the query builder; it is loaded where there is a store, and nowhere else. */
export type KyselyModule = typeof kysely;
export type Db = kysely.Kysely<Tables>;
export type Dialect = kysely.Dialect;
export type CompiledQuery = kysely.CompiledQuery;

export function loadKysely(): Promise<KyselyModule> {
  return import('kysely');
}
