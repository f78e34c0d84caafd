import type { Dialect, KyselyModule } from './kysely.ts';

/** OIDs of types whose values pg gives as text: int8 and numeric (pg_type.dat). Ours are all within what a double holds. */
const AS_NUMBERS: readonly number[] = [20, 1700];
const CONNECT_MS = 5000;

/** A few connections to the server. The one place that names the package. */
export async function postgresDialect({ PostgresDialect }: KyselyModule, url: string): Promise<Dialect> {
  const { default: pg } = await import('pg');
  const pool = new pg.Pool({
    connectionString: url,
    max: 3,
    connectionTimeoutMillis: CONNECT_MS,
    application_name: 'vexfs-trace',
    types: {
      getTypeParser: ((oid: number, format?: 'text') =>
        AS_NUMBERS.includes(oid) ? Number : pg.types.getTypeParser(oid, format)) as typeof pg.types.getTypeParser,
    },
  });
  // A connection that breaks while nobody uses it; who uses one is told by the query.
  pool.on('error', () => {});
  return new PostgresDialect({ pool });
}
