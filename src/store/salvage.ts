import { messageOf } from '../base/errors.ts';
import type { SqliteConnection } from './sqlite.ts';
import type { AttemptRow, EventRow, RunRow, SummaryRow } from './tables.ts';

/** What tables of a damaged store are made anew from; the others follow from the events. */
interface Salvaged {
  readonly runs: RunRow;
  readonly attempts: AttemptRow;
  readonly summaries: SummaryRow;
  readonly events: Pick<EventRow, 'run' | 'body' | 'crc'>;
}

/**
 * Rows of a table of a damaged file, in their order, over what cannot be read: `lost` hears how many stretches that were. The numbers of rows
 * go on behind such a stretch, so the next one that can be read is looked for, first in great steps and then between the last two.
 */
export function* salvage<T extends keyof Salvaged>(
  connection: SqliteConnection,
  table: T,
  lost: (why: string) => void,
): Generator<Salvaged[T]> {
  // By the number of the row alone: indexes may be what is damaged.
  const next = prepared(connection, table);
  // A store of an older version has not all of them.
  if (next === undefined) return;
  const read = (after: number) => next.get(after) as (Salvaged[T] & { readonly at: number }) | undefined;
  for (let after = 0; ; ) {
    try {
      const row = read(after);
      if (row === undefined) return;
      const { at, ...whole } = row;
      after = at;
      yield whole as unknown as Salvaged[T];
    } catch (error) {
      lost(messageOf(error));
      const beyond = firstReadable(after, (at) => {
        try {
          return read(at) !== undefined;
        } catch {
          return false;
        }
      });
      if (beyond === undefined) return;
      after = beyond;
    }
  }
}

function prepared(connection: SqliteConnection, table: string) {
  try {
    return connection.prepare(`select rowid as at, * from ${table} not indexed where rowid > ? order by rowid limit 1`);
  } catch (error) {
    if ((error as { readonly code?: unknown }).code !== 'SQLITE_ERROR') throw error;
    return undefined;
  }
}

const MAX_STEP = 2 ** 40;

/** Where reading works again behind `after`; undefined where it does nowhere. */
function firstReadable(after: number, works: (at: number) => boolean): number | undefined {
  let step = 1;
  while (!works(after + step)) {
    step *= 2;
    if (step > MAX_STEP) return undefined;
  }
  let [bad, good] = [after + Math.floor(step / 2), after + step];
  while (good - bad > 1) {
    const middle = Math.floor((bad + good) / 2);
    if (works(middle)) good = middle;
    else bad = middle;
  }
  return good;
}
