import { existsSync } from 'node:fs';
import { ExpectedError } from '../base/errors.ts';
import type { FailureHistory, Trend } from '../model/trend.ts';
import { type Database, openDatabase } from '../store/database.ts';
import { exportRun } from '../store/exchange.ts';
import { type MetricFilter, type MetricSample, metricSamples } from '../store/metric-samples.ts';
import { placeOf } from '../store/place.ts';
import { type EventFilter, eventsOf, findRun, listRuns, type RunFilter, recordingsOf } from '../store/queries.ts';
import { type Limits, planPruning, removeRuns, setKept, stateOf } from '../store/retention.ts';
import { commandOf } from '../store/sound-rows.ts';
import type { RunRow } from '../store/tables.ts';
import { failuresSince, trendSince } from './store-history.ts';
import { type Imported, importPath } from './store-import.ts';
import { listText, runText } from './store-text.ts';

type Warn = (message: string) => void;

/** What `runs` asks of a store: what is printed, as text or as JSON. */
export class Runs {
  readonly #database: Database;

  private constructor(database: Database) {
    this.#database = database;
  }

  /** Runs `work` on the store. `make`: one that is not there is made; else it is told, with exit 4. */
  static async use<T>(where: string | undefined, make: boolean, work: (runs: Runs) => Promise<T>): Promise<T> {
    const place = placeOf(where);
    if (!make && place.kind === 'sqlite' && !existsSync(place.file))
      throw new ExpectedError(
        'nothingRan',
        `there is no store at ${place.shown} yet`,
        'attach and stress make it, or bring in a recording: vexfs-trace runs import CAPTURE',
      );
    const database = await openDatabase(place);
    try {
      return await work(new Runs(database));
    } finally {
      await database.close();
    }
  }

  async list(filter: RunFilter, json: boolean): Promise<string> {
    const runs = await listRuns(this.#database, filter);
    if (json) return runs.map((run) => `${JSON.stringify({ ...plain(run), state: stateOf(run) })}\n`).join('');
    return listText(runs);
  }

  async show(name: string, json: boolean): Promise<string> {
    const run = await findRun(this.#database, name);
    return runText(this.#database, run, json);
  }

  /** Lines of events as they were written, of the run and its recordings. */
  async *events(name: string, filter: EventFilter, limit = Number.POSITIVE_INFINITY): AsyncGenerator<string> {
    const run = await findRun(this.#database, name);
    let left = limit;
    for (const { id } of [run, ...(await recordingsOf(this.#database, run.id))])
      for await (const body of eventsOf(this.#database, id, filter)) {
        if (left-- <= 0) return;
        yield body;
      }
  }

  /** Numbers of the metrics of the run and its recordings, in their order. */
  async *metrics(name: string, filter: MetricFilter): AsyncGenerator<MetricSample> {
    const run = await findRun(this.#database, name);
    for (const { id } of [run, ...(await recordingsOf(this.#database, run.id))])
      yield* metricSamples(this.#database, id, filter);
  }

  /** Lines of an export; of all runs where none is named. */
  async *export(names: readonly string[]): AsyncGenerator<string> {
    const runs: RunRow[] = [];
    for (const name of names) runs.push(await findRun(this.#database, name));
    if (names.length === 0) runs.push(...(await listRuns(this.#database)).toReversed());
    for (const run of new Map(runs.map((each) => [each.id, each])).values())
      yield* exportRun(this.#database, await findRun(this.#database, run.id));
  }

  trend(since: string, metrics: readonly string[]): Promise<Trend> {
    return trendSince(this.#database, since, metrics);
  }

  failures(since: string, planted: boolean): Promise<FailureHistory[]> {
    return failuresSince(this.#database, since, planted);
  }

  import(path: string, warn: Warn): Promise<Imported> {
    return importPath(this.#database, path, warn);
  }

  async keep(name: string, kept: boolean): Promise<string> {
    const run = await this.#whole(name);
    await setKept(this.#database, run.id, kept);
    return run.id;
  }

  async remove(name: string): Promise<string> {
    const run = await this.#whole(name);
    if (run.kept === 1)
      throw new ExpectedError('usage', `run ${run.id} is kept`, `first: vexfs-trace runs keep --undo ${run.id}`);
    if (stateOf(run) === 'running')
      throw new ExpectedError('usage', `run ${run.id} is under way`, 'wait until it has ended');
    await removeRuns(this.#database, [run.id]);
    return run.id;
  }

  /** The runs that go, or went. */
  async prune(limits: Limits, dryRun: boolean): Promise<{ readonly text: string; readonly count: number }> {
    const going = await planPruning(this.#database, limits);
    if (!dryRun)
      await removeRuns(
        this.#database,
        going.map(({ id }) => id),
      );
    return { text: going.length === 0 ? '' : listText(going), count: going.length };
  }

  async #whole(name: string): Promise<RunRow> {
    const run = await findRun(this.#database, name);
    if (run.parent !== null)
      throw new ExpectedError('usage', `${run.id} is a recording of the run of tests ${run.parent}`, 'name that run');
    return run;
  }
}

function plain<T extends RunRow>({ command, kept, ...run }: T) {
  return { ...run, kept: kept === 1, command: commandOf(command) };
}
