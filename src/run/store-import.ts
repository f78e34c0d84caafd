import { createReadStream, existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { ExpectedError, messageOf } from '../base/errors.ts';
import { readNdjson } from '../base/ndjson.ts';
import { toJson } from '../base/text.ts';
import type { Event } from '../model/event.ts';
import { eventSchema } from '../model/event-schema.ts';
import { runReportSchema } from '../model/run-report-schema.ts';
import { readCaptureInfo } from '../source/capture-reader.ts';
import { type AttemptEntry, attemptRow } from '../store/attempt-row.ts';
import type { Database } from '../store/database.ts';
import { type EventRows, rowsOf } from '../store/event-rows.ts';
import { STORE_SCHEMA, type StoreLine, storeLineSchema } from '../store/exchange.ts';
import { BATCH } from '../store/queue.ts';
import { setKept } from '../store/retention.ts';
import { StoreWriter } from '../store/writer.ts';
import { entrySchema, readJournal } from '../stress/journal.ts';

export interface Imported {
  readonly runs: readonly string[];
  /** Events that were read, and those of them that were not there before. */
  readonly events: number;
  readonly added: number;
}

/**
 * Brings in what was recorded: the folder of a capture, of a run of tests, of several of them, or a file of NDJSON. What is there already
 * stays as it is, so that nothing comes of doing it twice. What cannot be read is warned of.
 */
export async function importPath(database: Database, path: string, warn: (message: string) => void): Promise<Imported> {
  const importer = new Importer(database, warn);
  if (!existsSync(path))
    throw new ExpectedError('usage', `there is no ${path}`, 'name a recording, the folder of a run, or an export');
  if (!statSync(path).isDirectory()) await importer.lines(path);
  else if (!(await importer.folder(path))) {
    const parts = subfolders(path).sort();
    let found = 0;
    for (const part of parts) if (await importer.folder(part)) found += 1;
    if (found === 0)
      throw new ExpectedError(
        'usage',
        `${path} holds no recording and no run`,
        'name the folder that attach or stress wrote',
      );
  }
  return importer.result();
}

/** Adds the events of a capture that the store lacks. */
export async function refill(
  database: Database,
  dir: string,
  run: string,
  warn: (message: string) => void,
): Promise<number> {
  const importer = new Importer(database, warn);
  await importer.events(join(dir, 'events.ndjson'), run);
  return importer.result().events;
}

const BATCH_BYTES = 4 << 20;

class Importer {
  readonly #writer: StoreWriter;
  readonly #database: Database;
  readonly #warn: (message: string) => void;
  readonly #runs = new Set<string>();
  #batch: EventRows[] = [];
  #bytes = 0;
  #events = 0;
  #added = 0;

  constructor(database: Database, warn: (message: string) => void) {
    this.#database = database;
    this.#writer = new StoreWriter(database);
    this.#warn = warn;
  }

  result(): Imported {
    return { runs: [...this.#runs], events: this.#events, added: this.#added };
  }

  /** False when it is neither. */
  async folder(dir: string): Promise<boolean> {
    if (existsSync(join(dir, 'journal.ndjson'))) await this.#runOfTests(dir);
    else if (existsSync(join(dir, 'capture.json'))) await this.#capture(dir);
    else return false;
    return true;
  }

  /** The events of a file, as run `run`. The wall time of the last. */
  async events(path: string, run: string): Promise<string | undefined> {
    let last: string | undefined;
    for await (const { value, line } of this.#values(path)) {
      const event = this.#event(value, path, line);
      if (event === undefined) continue;
      last = event.time.wall ?? last;
      await this.#add(event, run);
    }
    await this.#flush();
    return last;
  }

  async lines(path: string): Promise<void> {
    /** Runs of which the file says nothing but their events, with the time of the last. */
    const bare = new Map<string, string>();
    for await (const { value, line } of this.#values(path)) {
      if ((value as { readonly schema?: unknown } | null)?.schema === STORE_SCHEMA) {
        const parsed = storeLineSchema.safeParse(value);
        if (parsed.success) await this.#record(parsed.data, value, path, line);
        else this.#warn(`${path}:${line} does not have the form of its schema; it is left out`);
        continue;
      }
      const event = this.#event(value, path, line);
      if (event?.run === undefined) {
        if (event !== undefined) this.#warnOnce(`${path}:${line} belongs to no run; such events are left out`);
        continue;
      }
      if (!this.#runs.has(event.run)) {
        await this.#writer.begin({
          ...{
            id: event.run,
            kind: 'import',
            started: event.time.wall ?? new Date().toISOString(),
          },
          ...{ guest: event.guest ?? null, capture: resolve(path) },
        });
        this.#runs.add(event.run);
        bare.set(event.run, '');
      }
      if (bare.has(event.run) && event.time.wall !== undefined) bare.set(event.run, event.time.wall);
      await this.#add(event, event.run);
    }
    await this.#flush();
    for (const [run, ended] of bare) await this.#writer.end(run, ended || new Date().toISOString(), 0);
  }

  async #record(line: StoreLine, value: unknown, path: string, at: number): Promise<void> {
    await this.#flush();
    if (line.record === 'run') {
      const { schema: _, record: __, command, kept, ...row } = line;
      await this.#writer.begin({ ...row, command: JSON.stringify(command) });
      if (kept) await setKept(this.#database, row.id, true);
      this.#runs.add(row.id);
      return;
    }
    if (line.record === 'summary') {
      const summary = runReportSchema.safeParse(line.summary);
      // As it stands there: what a newer program wrote into it is kept.
      if (summary.success && this.#runs.has(line.run))
        await this.#writer.summary(line.run, toJson((value as { readonly summary: object }).summary));
      else this.#warn(`${path}:${at} is no summary of a run above it; it is left out`);
      return;
    }
    const entry = entrySchema.safeParse(line.entry);
    if (!entry.success || !this.#runs.has(line.run)) {
      this.#warn(`${path}:${at} is no attempt at a test of a run above it; it is left out`);
      return;
    }
    // As it stands there: what a newer program wrote into it is kept.
    const { entry: whole } = value as { readonly entry: AttemptEntry };
    await this.#writer.add([], [attemptRow(line.run, whole)]);
  }

  async #runOfTests(dir: string): Promise<void> {
    const { header, entries } = readJournal(join(dir, 'journal.ndjson'));
    const command = Array.isArray(header.asked.command) ? header.asked.command.map(String) : [];
    await this.#writer.begin({
      ...{ id: header.run, kind: 'stress', started: header.started, tool: header.tool, capture: resolve(dir) },
      command: JSON.stringify(command),
    });
    this.#runs.add(header.run);
    await this.#writer.add(
      [],
      entries.map((entry) => attemptRow(header.run, entry)),
    );
    let last = header.started;
    for (const part of subfolders(dir).sort())
      if (existsSync(join(part, 'capture.json'))) {
        const ended = await this.#capture(part, { parent: header.run, name: laneOf(part) });
        if (ended !== undefined && ended > last) last = ended;
      }
    const summary = this.#summary(join(dir, 'summary.json'));
    if (summary !== undefined) await this.#writer.summary(header.run, summary);
    await this.#writer.end(header.run, last, 0);
  }

  /** A run that has not ended has none. */
  #summary(path: string): string | undefined {
    if (!existsSync(path)) return undefined;
    try {
      return toJson(runReportSchema.parse(JSON.parse(readFileSync(path, 'utf8'))));
    } catch (error) {
      this.#warn(`${path} is no summary of a run: ${messageOf(error).split('\n')[0]}`);
      return undefined;
    }
  }

  async #capture(
    dir: string,
    within?: { readonly parent: string; readonly name: string },
  ): Promise<string | undefined> {
    const info = readCaptureInfo(dir);
    const started = new Date(info.startWall).toISOString();
    await this.#writer.begin({
      ...{
        id: info.run,
        kind: 'attach',
        started,
        tool: info.tool,
        command: JSON.stringify(info.command),
        capture: resolve(dir),
      },
      ...{ guest: info.guest ?? null, kernel: info.kernel?.release ?? null, module: info.module ?? null },
      ...within,
    });
    this.#runs.add(info.run);
    const last = existsSync(join(dir, 'events.ndjson'))
      ? await this.events(join(dir, 'events.ndjson'), info.run)
      : undefined;
    await this.#writer.end(info.run, last ?? started, 0);
    return last;
  }

  /** Up to a line that is damaged: a run that was killed leaves half a line. */
  async *#values(path: string): AsyncGenerator<{ readonly value: unknown; readonly line: number }> {
    let line = 0;
    try {
      for await (const value of readNdjson(createReadStream(path))) yield { value, line: ++line };
    } catch (error) {
      this.#warn(`${path}:${line + 1} cannot be read, and what follows is left out: ${messageOf(error).slice(0, 200)}`);
    }
  }

  #event(value: unknown, path: string, line: number): Event | undefined {
    if (eventSchema.safeParse(value).success) return value as Event;
    this.#warnOnce(`${path}:${line} is no event; such lines are left out`);
    return undefined;
  }

  readonly #warned = new Set<string>();
  #warnOnce(message: string): void {
    const what = message.replace(/:\d+ /, ' ');
    if (!this.#warned.has(what)) this.#warn(message);
    this.#warned.add(what);
  }

  async #add(event: Event, run: string): Promise<void> {
    const rows = rowsOf(event, run);
    this.#batch.push(rows);
    this.#bytes += rows.event.body.length;
    if (this.#batch.length >= BATCH || this.#bytes > BATCH_BYTES) await this.#flush();
  }

  async #flush(): Promise<void> {
    if (this.#batch.length === 0) return;
    this.#events += this.#batch.length;
    this.#added += await this.#writer.add(this.#batch);
    this.#batch = [];
    this.#bytes = 0;
  }
}

function subfolders(dir: string): string[] {
  return readdirSync(dir, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => join(dir, name));
}

/** `guest-1.2` is the second guest of the lane `guest-1`, `guest-1-again-2` what a resumed run had. */
function laneOf(dir: string): string {
  const name = basename(dir);
  return name.split('.')[0]?.split('-again-')[0] ?? name;
}
