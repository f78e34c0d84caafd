import { existsSync, renameSync, rmSync } from 'node:fs';
import { ExpectedError, messageOf } from '../base/errors.ts';
import type { Event } from '../model/event.ts';
import { eventSchema } from '../model/event-schema.ts';
import { mend, problemsOf } from '../store/check.ts';
import { type Database, openDatabase } from '../store/database.ts';
import { type EventRows, rowsOf } from '../store/event-rows.ts';
import { failureOf } from '../store/failure.ts';
import { type Place, placeOf } from '../store/place.ts';
import { BATCH } from '../store/queue.ts';
import { salvage } from '../store/salvage.ts';
import { setAside } from '../store/set-aside.ts';
import { isAsWritten, parseJson, soundAttempt, soundRun } from '../store/sound-rows.ts';
import { openSqlite } from '../store/sqlite.ts';
import type { EventRow } from '../store/tables.ts';
import { StoreWriter } from '../store/writer.ts';

export interface Checked {
  /** What was found; empty when all is right. */
  readonly problems: readonly string[];
  /** What was done about it, in words. */
  readonly done: readonly string[];
  /** True when nothing is wrong any more. */
  readonly right: boolean;
}

/** Looks whether a store is whole. `repair`: mends it in place, and where that does not do, copies what can be read into a new file. */
export async function checkStore(where: string | undefined, repair: boolean): Promise<Checked> {
  const place = placeOf(where);
  if (place.kind === 'sqlite' && !existsSync(place.file))
    throw new ExpectedError('nothingRan', `there is no store at ${place.shown}`, 'name one with --store');
  const problems = await look(place);
  if (problems.length === 0 || !repair) return { problems, done: [], right: problems.length === 0 };
  const left = await look(place, mend);
  if (left.length === 0) return { problems, done: ['indexes were built and sums counted anew'], right: true };
  if (place.kind !== 'sqlite') return { problems, done: [], right: false };
  const done = await copyReadable(place.file);
  return { problems, done, right: (await look(place)).length === 0 };
}

async function look(place: Place, first: (database: Database) => Promise<void> = async () => {}): Promise<string[]> {
  let database: Database | undefined;
  try {
    database = await openDatabase(place);
    await first(database).catch((error: unknown) => {
      if (failureOf(error) !== 'corrupt') throw error;
    });
    return await problemsOf(database);
  } catch (error) {
    const { cause = error } = error as { readonly cause?: unknown };
    if (failureOf(cause) !== 'corrupt') throw error;
    return [messageOf(cause)];
  } finally {
    await database?.close().catch(() => {});
  }
}

/** The damaged file is put aside, whatever of it can be read. */
async function copyReadable(file: string): Promise<string[]> {
  const fresh = `${file}.fresh-${process.pid}`;
  const target = await openDatabase({ kind: 'sqlite', file: fresh, shown: fresh });
  let words: string;
  try {
    words = await copy(file, target);
    await target.close();
  } catch (error) {
    await target.close().catch(() => {});
    for (const end of ['', '-wal', '-shm']) rmSync(fresh + end, { force: true });
    throw error;
  }
  const aside = setAside(file);
  renameSync(fresh, file);
  return [words, `the damaged file was put aside as ${aside}`];
}

async function copy(file: string, target: Database): Promise<string> {
  const writer = new StoreWriter(target);
  const known = new Set<string>();
  let [events, stretches] = [0, 0];
  const lost = () => {
    stretches += 1;
  };
  const begin = async (id: string) => {
    if (known.has(id)) return;
    // Its row was lost, its events were not.
    await writer.begin({ id, kind: 'import', started: new Date().toISOString() });
    known.add(id);
  };
  let batch: EventRows[] = [];
  const flush = async () => {
    await writer.add(batch);
    events += batch.length;
    batch = [];
  };
  try {
    const source = await openSqlite(file);
    try {
      const runs = [...sound(salvage(source, 'runs', lost), soundRun, lost)];
      // Recordings come behind the run that they belong to.
      for (const run of [
        ...runs.filter(({ parent }) => parent === null),
        ...runs.filter(({ parent }) => parent !== null),
      ]) {
        if (run.parent !== null) await begin(run.parent);
        await writer.begin({ ...run, ...{ events: 0, bytes: 0 } });
        known.add(run.id);
      }
      for (const attempt of sound(salvage(source, 'attempts', lost), soundAttempt, lost)) {
        await begin(attempt.run);
        await writer.add([], [attempt]);
      }
      for (const { run, body } of salvage(source, 'summaries', lost))
        if (known.has(run) && parseJson(body) !== undefined) await writer.summary(run, body);
      for (const { run, body, event } of sound(salvage(source, 'events', lost), soundEvent, lost)) {
        await begin(run);
        batch.push(rowsOf(event, run, body));
        if (batch.length >= BATCH) await flush();
      }
      await flush();
    } finally {
      source.close();
    }
  } catch (error) {
    if (failureOf(error) !== 'corrupt') throw error;
    return `nothing of it can be read: ${messageOf(error)}`;
  }
  return `${known.size} runs and ${events} events were copied into a new file; ${stretches} rows or stretches of rows could not be read`;
}

/** Those rows that are what was written. */
function* sound<T, U>(rows: Iterable<T>, check: (row: T) => U | undefined, lost: () => void): Generator<U> {
  for (const row of rows) {
    const whole = check(row);
    if (whole === undefined) lost();
    else yield whole;
  }
}

function soundEvent(row: Pick<EventRow, 'run' | 'body' | 'crc'>) {
  if (typeof row.run !== 'string' || !isAsWritten(row)) return undefined;
  const event = parseJson(row.body);
  return eventSchema.safeParse(event).success ? { run: row.run, body: row.body, event: event as Event } : undefined;
}
