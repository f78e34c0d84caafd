import type { Database } from './database.ts';
import { listRuns, type RunSummary } from './queries.ts';
import type { RunRow } from './tables.ts';

export interface Limits {
  /** Runs that began earlier go; ISO 8601. */
  readonly before?: string;
  /** So many of the last runs stay, whether they are kept or not. */
  readonly number?: number;
  /** Of the events of all runs as JSON; the oldest go until the rest is within. */
  readonly bytes?: number;
}

export type RunState = 'running' | 'ended' | 'cut off';
/** A run that has written nothing for so long and has not ended was cut off. */
const SILENT_MS = 120_000;

export function stateOf({ ended, seen }: RunRow, now = Date.now()): RunState {
  if (ended !== null) return 'ended';
  return now - Date.parse(seen) < SILENT_MS ? 'running' : 'cut off';
}

/** The runs that go by these limits: never one that is kept or under way. */
export async function planPruning(database: Database, { before, number, bytes }: Limits): Promise<RunSummary[]> {
  const runs = await listRuns(database);
  const going = new Set<RunSummary>();
  for (const [at, run] of runs.entries())
    if ((before !== undefined && run.started < before) || (number !== undefined && at >= number)) going.add(run);
  const mayGo = (run: RunSummary) => run.kept === 0 && stateOf(run) !== 'running';
  if (bytes !== undefined) {
    let sum = 0;
    for (const run of runs) if (!going.has(run) || !mayGo(run)) sum += run.bytes;
    for (const run of runs.toReversed()) {
      if (sum <= bytes) break;
      if (going.has(run) || !mayGo(run)) continue;
      going.add(run);
      sum -= run.bytes;
    }
  }
  return runs.filter((run) => going.has(run) && mayGo(run));
}

/** Removes a run with all that belongs to it. Room in the file is given back. */
export async function removeRuns(database: Database, ids: readonly string[]): Promise<void> {
  for (const id of ids)
    await database.write(async (db) => {
      await db.deleteFrom('runs').where('id', '=', id).execute();
    });
  database.connection?.pragma('incremental_vacuum');
  database.connection?.pragma('wal_checkpoint(truncate)');
}

/** Marks a run to be kept whatever the limits say, or takes the mark back. */
export async function setKept(database: Database, id: string, kept: boolean): Promise<void> {
  await database.write(async (db) => {
    await db
      .updateTable('runs')
      .set({ kept: Number(kept) })
      .where('id', '=', id)
      .execute();
  });
}
