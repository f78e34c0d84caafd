import { open, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ExpectedError } from '../../base/errors.ts';
import { STREAMS, type Stream, streamFile } from '../../model/chunk.ts';
import type { PatternItem, RunItem, StreamItem } from '../../model/dashboard.ts';
import type { Feed } from '../../server/feed.ts';
import { FileLog } from '../../server/file-log.ts';
import type { Source, StreamWindow, Writes } from '../../server/source.ts';
import { removeRuns, setKept } from '../../store/retention.ts';
import { saveBaseline } from '../baselines.ts';
import { readSide } from '../compare-runs.ts';
import { openLibrary } from '../library.ts';
import { TOOL } from '../version.ts';
import { Feeds } from './feeds.ts';
import { FolderRuns } from './folder-runs.ts';
import { IncidentGroups } from './incident-groups.ts';
import { KnownRuns } from './known-runs.ts';
import { FindingReader } from './recorded-findings.ts';
import { ReportPages } from './report-pages.ts';
import { compareKnown } from './run-comparison.ts';
import { type Known, runDetail, runItem, stateOfRun } from './run-items.ts';
import { StoreAccess } from './store-access.ts';
import { StoreLog } from './store-log.ts';

/** Runs whose recordings are read for what they came to, where no store says it; and how long a list waits for that. */
const MAX_COUNTED = 100;
const PATIENCE_MS = 500;

export interface DashboardOptions {
  /** `false`: none is read. */
  readonly store: string | false | undefined;
  /** Runs and recordings, or folders that hold them. */
  readonly folders: readonly string[];
  readonly patterns: readonly string[];
}

export interface Dashboard extends Source {
  readonly writes: Writes;
}

/** All that the pages of `serve` are made of: the store, folders, and runs that go on, which know nothing of it. */
export function openDashboard(options: DashboardOptions): Dashboard {
  const closed = new AbortController();
  const store = new StoreAccess(options.store);
  const runs = new KnownRuns(store, new FolderRuns(options.folders.map((folder) => resolve(folder))));
  const feeds = new Feeds();
  const reader = new FindingReader();
  const groups = new IncidentGroups(store, runs, reader);
  const pages = new ReportPages(store, options.patterns, closed.signal);
  let library: Promise<readonly PatternItem[]> | undefined;

  const stateOfRecording = async (id: string) => {
    const found = await runs.recording(id);
    return found === undefined
      ? 'ended'
      : stateOfRun({ ...found.run, ...(found.row !== undefined && { row: found.row }) });
  };
  const feed = async (id: string): Promise<Feed | undefined> => {
    const found = await runs.recording(id);
    if (found === undefined) return undefined;
    const { dir } = found;
    return feeds.use(id, () =>
      dir === undefined
        ? new StoreLog(store, id, async () => (await stateOfRecording(id)) === 'running')
        : new FileLog(join(dir, 'events.ndjson')),
    );
  };
  const digest = async (id: string) => {
    const used = await feed(id);
    if (used === undefined) return undefined;
    try {
      await used.ready();
      return feeds.digest(id, await stateOfRecording(id));
    } finally {
      feeds.release(used);
    }
  };
  /** With what is known of a run that the store does not have, or not yet. `patience`: until when recordings are waited for. */
  const counted = async (known: Known, patience?: Promise<void>): Promise<RunItem> => {
    const item = runItem(known);
    if (item.state !== 'running' && item.stored) return item;
    const sums = { events: 0, findings: 0, incidents: 0, recovered: 0 };
    for (const { id } of item.recordings) {
      const dir = known.folder?.recordings.find((recording) => recording.id === id)?.dir;
      if (item.state === 'running') {
        const now = await digest(id);
        sums.events += now?.events ?? 0;
        sums.findings += now?.findings ?? 0;
        sums.incidents += now?.incidentCount ?? 0;
        sums.recovered += now?.recovered ?? 0;
      } else if (dir !== undefined) {
        const reading = reader.findings(dir);
        const read = await (patience === undefined
          ? reading
          : Promise.race([reading, patience.then(() => reader.known(dir))]));
        if (read === undefined) return item;
        sums.events += read.events;
        sums.findings += read.count;
        sums.incidents += read.incidents;
        sums.recovered += read.recovered;
      }
    }
    return { ...item, ...sums };
  };
  /** Many pages ask for the same list. */
  let listed: { readonly of: readonly Known[]; readonly items: Promise<readonly RunItem[]> } | undefined;
  const list = async () => {
    const of = await runs.all();
    if (listed?.of !== of) {
      const patience = sleep(PATIENCE_MS);
      const items = of.map((known, i) => (i < MAX_COUNTED ? counted(known, patience) : runItem(known)));
      listed = { of, items: Promise.all(items) };
    }
    return listed.items;
  };
  const dirOf = async (id: string) => (await runs.recording(id))?.dir;

  return {
    async about() {
      await store.open();
      const problems = store.problem === undefined ? [] : [store.problem];
      return { tool: TOOL, writable: false, store: store.shown, folders: options.folders, problems };
    },
    runs: async (limit) => (await list()).slice(0, limit),
    async run(id) {
      const known = await runs.run(id);
      return known === undefined ? undefined : runDetail(await counted(known), await runs.entries(known));
    },
    feed,
    release: (used) => feeds.release(used),
    digest,
    async streams(id) {
      const found = await runs.recording(id);
      return found === undefined ? undefined : found.dir === undefined ? [] : streamsIn(found.dir);
    },
    async window(id, stream, from, length) {
      const dir = await dirOf(id);
      const name = STREAMS.find((each) => each === stream);
      return dir === undefined || name === undefined ? undefined : windowOf(dir, name, from, length);
    },
    incidents: (search) => groups.search(search),
    incident: (fingerprint) => groups.group(fingerprint),
    patterns() {
      library ??= readPatterns(options.patterns);
      return library;
    },
    async compare(a, b) {
      const [one, other] = [await runs.run(a), await runs.run(b)];
      return one === undefined || other === undefined ? undefined : compareKnown(one, other, groups);
    },
    async report(id) {
      const known = await runs.run(id);
      return known === undefined ? undefined : { html: await pages.html(known) };
    },
    async close() {
      closed.abort();
      await feeds.close();
      await store.close();
    },
    writes: {
      keep: (id, kept) => changed(store, runs, id, (database) => setKept(database, id, kept)),
      async remove(id) {
        const known = await runs.run(id);
        if (known?.row?.kept === 1) throw new ExpectedError('usage', 'the run is kept', 'take the mark back first');
        if (known !== undefined && stateOfRun(known) === 'running')
          throw new ExpectedError('usage', 'the run is under way', 'wait until it has ended');
        return changed(store, runs, id, (database) => removeRuns(database, [id]));
      },
      async baseline(name, id) {
        const folder = (await runs.run(id))?.folder;
        if (folder === undefined) return false;
        saveBaseline(name, readSide(folder.folder));
        return true;
      },
    },
  };
}

/** False where the store has no such run. */
async function changed(
  store: StoreAccess,
  runs: KnownRuns,
  id: string,
  work: (database: NonNullable<Awaited<ReturnType<StoreAccess['open']>>>) => Promise<void>,
): Promise<boolean> {
  if ((await runs.run(id))?.row === undefined) return false;
  const database = await store.open();
  if (database === undefined) return false;
  await work(database);
  runs.forget();
  return true;
}

async function streamsIn(dir: string): Promise<readonly StreamItem[]> {
  const sizes = await Promise.all(
    STREAMS.map(async (name) => ({ name, bytes: await sizeOf(join(dir, streamFile(name))) })),
  );
  return sizes.filter(({ bytes }) => bytes > 0);
}

async function sizeOf(path: string): Promise<number> {
  return stat(path).then(
    ({ size }) => size,
    () => 0,
  );
}

async function windowOf(dir: string, stream: Stream, from: number, length: number): Promise<StreamWindow | undefined> {
  const file = await open(join(dir, streamFile(stream)), 'r').catch(() => undefined);
  if (file === undefined) return undefined;
  try {
    const { size } = await file.stat();
    const start = Math.min(size, Math.max(0, from < 0 ? size + from : from));
    const bytes = Buffer.alloc(Math.min(length, size - start));
    const { bytesRead } = await file.read(bytes, 0, bytes.length, start);
    return { from: start, size, bytes: bytes.subarray(0, bytesRead) };
  } finally {
    await file.close();
  }
}

async function readPatterns(named: readonly string[]): Promise<readonly PatternItem[]> {
  const { patterns } = await openLibrary(named, () => {});
  return patterns.map(({ id, title, classification, severity, advice, references, actions, since, until }) => ({
    ...{ id, title, classification, severity, meaning: advice.meaning, lookAt: advice.lookAt },
    references: [...advice.docs, ...references],
    actions: actions.map(({ action }) => action),
    ...{ since: since ?? null, until: until ?? null },
  }));
}
