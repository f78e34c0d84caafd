import { readdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { messageOf } from '../base/errors.ts';
import { toJson } from '../base/text.ts';
import type { Event } from '../model/event.ts';
import { readCaptureInfo } from '../source/capture-reader.ts';
import { type AttemptEntry, attemptRow } from '../store/attempt-row.ts';
import { type Database, type DatabaseOptions, openDatabase } from '../store/database.ts';
import { type EventRows, rowsOf } from '../store/event-rows.ts';
import { failureOf } from '../store/failure.ts';
import { type Place, placeOf } from '../store/place.ts';
import { BatchQueue, type Written } from '../store/queue.ts';
import { setAside } from '../store/set-aside.ts';
import type { AttemptRow } from '../store/tables.ts';
import { type NewRun, StoreWriter } from '../store/writer.ts';
import { importPath, refill } from './store-import.ts';
import { TOOL } from './version.ts';

/** A run that is kept while it goes on. */
export interface TopRun {
  readonly kind: 'attach' | 'stress' | 'replay';
  readonly command: readonly string[];
  /** Folder of the recording, or of the run of tests. */
  readonly folder?: string;
  /** Of a run of tests, which has its recordings beneath it; absent: the recording is the run. */
  readonly id?: string;
  /** ISO 8601. */
  readonly started?: string;
}

/** Where a run goes as it happens. Nothing here fails or is waited for but `close`. */
export interface LiveStore {
  event(event: Event, lane?: string): void;
  attempt(entry: AttemptEntry): void;
  /** What a run of tests came to in the end. */
  summary(report: object): void;
  /** Writes what waits, and brings from the recordings what did not get here. */
  close(): Promise<void>;
}

export interface LiveOptions extends DatabaseOptions {
  readonly maxItems?: number;
}

const NOTHING: LiveStore = { event: () => {}, attempt: () => {}, summary: () => {}, close: async () => {} };

/** `false`: none was wanted. A store that cannot be opened costs a warning. */
export async function openLiveStore(
  where: string | boolean | undefined,
  run: TopRun,
  warn: (message: string) => void,
  options: LiveOptions = {},
): Promise<LiveStore> {
  if (where === false) return NOTHING;
  const place = placeOf(typeof where === 'string' ? where : undefined);
  const live = new Live(place, run, warn, options);
  await live.open();
  return live;
}

/** How long a batch waits for other writers; then it is tried again. */
const BUSY_MS = 1000;
/** How long the end of a run waits for a store that others write to. */
const DRAIN_MS = 15_000;

type Item = { readonly rows: EventRows; readonly lane: string | undefined } | { readonly attempt: AttemptRow };

interface Recording {
  readonly row: NewRun;
  begun: boolean;
  /** Events that are not in the store; `all` when it was lost with what it had. */
  missed: number;
}

class Live implements LiveStore {
  readonly #place: Place;
  readonly #top: TopRun;
  readonly #warn: (message: string) => void;
  readonly #options: LiveOptions;
  readonly #recordings = new Map<string, Recording>();
  readonly #queue: BatchQueue<Item>;
  #database: Database | undefined;
  #writer: StoreWriter | undefined;
  #inode: number | undefined;
  #renewed = false;
  #summary: string | undefined;
  /** Why the run is not stored. */
  #told: string | undefined;
  /** A run that somebody else has stored already: a replay adds nothing to it. */
  readonly #foreign = new Set<string>();

  constructor(place: Place, top: TopRun, warn: (message: string) => void, options: LiveOptions) {
    this.#place = place;
    this.#top = top;
    this.#warn = warn;
    this.#options = options;
    this.#queue = new BatchQueue<Item>({
      write: (batch) => this.#write(batch),
      bytes: (item) => ('rows' in item ? item.rows.event.body.length : item.attempt.body.length) + 500,
      onOverflow: (item) => this.#miss([item]),
      ...(options.maxItems !== undefined && { maxItems: options.maxItems }),
    });
  }

  async open(): Promise<void> {
    try {
      await this.#connect();
    } catch (error) {
      if (
        !(
          this.#renew(error) &&
          (await this.#connect().then(
            () => true,
            () => false,
          ))
        )
      )
        this.#giveUp(error);
    }
  }

  event(event: Event, lane?: string): void {
    const { run } = event;
    if (run === undefined) return;
    if (!this.#recordings.has(run))
      this.#recordings.set(run, { row: this.#newRun(event, run, lane), begun: false, missed: 0 });
    // It waits as text, so that what waits has a size.
    const item = { rows: rowsOf(event, run), lane };
    if (this.#writer === undefined) this.#miss([item]);
    else this.#queue.push(item);
  }

  attempt(entry: AttemptEntry): void {
    if (this.#writer !== undefined && this.#top.id !== undefined)
      this.#queue.push({ attempt: attemptRow(this.#top.id, entry) });
  }

  summary(report: object): void {
    this.#summary = toJson(report);
  }

  async close(): Promise<void> {
    this.#miss(await this.#queue.drain(DRAIN_MS));
    // There may be room, or a server, by now.
    if (
      this.#writer === undefined &&
      !(await this.#connect().then(
        () => true,
        () => false,
      ))
    )
      return this.#tellHowToImport();
    try {
      await this.#finish();
    } catch (error) {
      if (messageOf(error) !== this.#told) this.#warn(`the store ${this.#place.shown}: ${messageOf(error)}`);
      this.#tellHowToImport();
    } finally {
      await this.#database?.close().catch(() => {});
    }
  }

  async #finish(): Promise<void> {
    const database = this.#database as Database;
    const writer = this.#writer as StoreWriter;
    const { id, folder, kind } = this.#top;
    const ended = new Date().toISOString();
    if (this.#renewed && kind === 'stress' && folder !== undefined) await importPath(database, folder, this.#warn);
    for (const [run, recording] of this.#recordings) {
      if (this.#foreign.has(run)) continue;
      let { missed } = recording;
      await this.#begin(recording);
      const dir = missed > 0 ? this.#captureOf(run) : undefined;
      if (dir !== undefined && kind !== 'replay') {
        await refill(database, dir, run, this.#warn);
        missed = 0;
      }
      if (missed > 0)
        this.#warn(`${missed} events of run ${run} are not in the store: they came faster than it takes them`);
      await writer.end(run, ended, missed);
    }
    if (id === undefined) return;
    if (this.#summary !== undefined) await writer.summary(id, this.#summary);
    await writer.end(id, ended, 0);
  }

  async #connect(): Promise<void> {
    const database = await openDatabase(this.#place, { busyMs: BUSY_MS, ...this.#options });
    try {
      const writer = new StoreWriter(database, true);
      const { id, kind, started = new Date().toISOString(), command, folder } = this.#top;
      if (id !== undefined)
        await writer.begin({
          ...{ id, kind, started, tool: TOOL },
          command: JSON.stringify(command),
          capture: folder === undefined ? null : resolve(folder),
        });
      this.#inode = this.#place.kind === 'sqlite' ? statSync(this.#place.file).ino : undefined;
      this.#database = database;
      this.#writer = writer;
    } catch (error) {
      await database.close().catch(() => {});
      throw error;
    }
  }

  async #write(batch: readonly Item[]): Promise<Written> {
    const writer = this.#writer;
    if (writer === undefined) {
      this.#miss(batch);
      return 'done';
    }
    try {
      for (const recording of this.#recordings.values()) await this.#begin(recording);
      const rows = batch.flatMap((item) =>
        'rows' in item && !this.#foreign.has(item.rows.event.run) ? item.rows : [],
      );
      await writer.add(
        rows,
        batch.flatMap((item) => ('attempt' in item ? item.attempt : [])),
      );
      return 'done';
    } catch (error) {
      if (failureOf(error) === 'busy') return 'later';
      await this.#database?.close().catch(() => {});
      this.#writer = undefined;
      if (
        this.#renew(error) &&
        (await this.#connect().then(
          () => true,
          () => false,
        ))
      ) {
        // What was in the other file comes from the recording.
        for (const recording of this.#recordings.values())
          Object.assign(recording, { begun: false, missed: recording.missed + 1 });
        return 'later';
      }
      this.#giveUp(error);
      this.#miss(batch);
      return 'done';
    }
  }

  async #begin(recording: Recording): Promise<void> {
    if (recording.begun || this.#database === undefined) return;
    const { id } = recording.row;
    if (this.#top.kind === 'replay') {
      const there = await this.#database.db.selectFrom('runs').select('id').where('id', '=', id).executeTakeFirst();
      if (there !== undefined) this.#foreign.add(id);
    }
    if (!this.#foreign.has(id)) await this.#writer?.begin({ ...recording.row, ...this.#recorded(id) });
    recording.begun = true;
  }

  /** Puts a damaged file aside, once. True when another one can take its place. */
  #renew(error: unknown): boolean {
    const { cause = error } = error as { readonly cause?: unknown };
    if (this.#place.kind !== 'sqlite' || this.#renewed || failureOf(cause) !== 'corrupt') return false;
    this.#renewed = true;
    try {
      const aside = setAside(this.#place.file, this.#inode);
      if (aside !== undefined)
        this.#warn(
          `the store ${this.#place.shown} is damaged (${messageOf(cause)}): it was put aside as ${aside}, and a new one is begun`,
        );
      return true;
    } catch {
      return false;
    }
  }

  #giveUp(error: unknown): void {
    this.#writer = undefined;
    this.#told = messageOf(error);
    this.#warn(`the run is not stored, and goes on: ${this.#told}`);
  }

  #miss(items: readonly Item[]): void {
    for (const item of items) {
      const recording = 'rows' in item ? this.#recordings.get(item.rows.event.run) : undefined;
      if (recording !== undefined) recording.missed += 1;
    }
  }

  #tellHowToImport(): void {
    const { folder, kind } = this.#top;
    if (folder !== undefined && kind !== 'replay')
      this.#warn(`bring it into the store later: vexfs-trace runs import ${folder}`);
  }

  #newRun(event: Event, run: string, lane: string | undefined): NewRun {
    const { id, kind, command } = this.#top;
    return {
      ...{ id: run, kind: id === undefined ? kind : 'attach', parent: id ?? null, name: lane ?? null, tool: TOOL },
      ...{
        started: event.time.wall ?? new Date().toISOString(),
        command: JSON.stringify(command),
        guest: event.guest ?? null,
      },
    };
  }

  /** What the recording says of itself. */
  #recorded(run: string): Partial<NewRun> {
    const dir = this.#captureOf(run);
    if (dir === undefined) return {};
    try {
      const { startWall, kernel, module, tool } = readCaptureInfo(dir);
      const started = new Date(startWall).toISOString();
      return { started, capture: resolve(dir), tool, kernel: kernel?.release ?? null, module: module ?? null };
    } catch {
      return {};
    }
  }

  /** The folder of a recording: of a run of tests, one of those in its folder. */
  #captureOf(run: string): string | undefined {
    const { folder, id } = this.#top;
    if (folder === undefined) return undefined;
    const folders = id === undefined ? [folder] : foldersIn(folder);
    return folders.find((dir) => {
      try {
        return readCaptureInfo(dir).run === run;
      } catch {
        return false;
      }
    });
  }
}

function foldersIn(dir: string): string[] {
  try {
    return readdirSync(dir).map((name) => join(dir, name));
  } catch {
    return [];
  }
}
