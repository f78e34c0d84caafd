import { recordingsOfAll, verdictCounts } from '../../store/dashboard-queries.ts';
import { attemptsOf, listRuns } from '../../store/queries.ts';
import type { RunRow } from '../../store/tables.ts';
import type { Entry } from '../../stress/journal.ts';
import type { FolderRun, FolderRuns } from './folder-runs.ts';
import { entriesOf, type Known } from './run-items.ts';
import type { StoreAccess } from './store-access.ts';

/** How long an answer is good for: many pages ask the same. */
const FRESH_MS = 1000;
const MAX_RUNS = 500;

/** The runs of the store and of folders as one list, each once. */
export class KnownRuns {
  readonly #store: StoreAccess;
  readonly #folders: FolderRuns;
  #last: { readonly at: number; readonly runs: Promise<readonly Known[]> } | undefined;

  constructor(store: StoreAccess, folders: FolderRuns) {
    this.#store = store;
    this.#folders = folders;
  }

  /** The last first. */
  all(): Promise<readonly Known[]> {
    const now = Date.now();
    if (this.#last === undefined || now - this.#last.at > FRESH_MS) this.#last = { at: now, runs: this.#read() };
    return this.#last.runs;
  }

  forget(): void {
    this.#last = undefined;
  }

  async run(id: string): Promise<Known | undefined> {
    return (await this.all()).find(({ folder, row }) => (folder?.id ?? row?.id) === id);
  }

  /** The run that a recording belongs to, and what is known of the recording. */
  async recording(
    id: string,
  ): Promise<{ readonly run: Known; readonly dir?: string; readonly row?: RunRow } | undefined> {
    for (const run of await this.all()) {
      const dir = run.folder?.recordings.find((recording) => recording.id === id)?.dir;
      const row = run.recordings.find((recording) => recording.id === id) ?? (run.row?.id === id ? run.row : undefined);
      if (dir !== undefined || row !== undefined)
        return { run, ...(dir !== undefined && { dir }), ...(row !== undefined && { row }) };
    }
    return undefined;
  }

  /** Attempts at its tests so far. */
  async entries({ folder, row }: Known): Promise<readonly Entry[]> {
    if (folder !== undefined) return folder.entries;
    if (row === undefined) return [];
    return entriesOf(await this.#store.ask((database) => attemptsOf(database, row.id), []));
  }

  async #read(): Promise<readonly Known[]> {
    const found = new Map(this.#folders.find().map((folder) => [folder.id, folder]));
    const stored = await this.#store.ask(async (database) => {
      const rows = await listRuns(database, { limit: MAX_RUNS });
      const ids = rows.map(({ id }) => id);
      return { rows, recordings: await recordingsOfAll(database, ids), verdicts: await verdictCounts(database, ids) };
    }, NOTHING);
    const known = stored.rows.map((row): Known => {
      const folder = found.get(row.id) ?? this.#besides(row);
      found.delete(row.id);
      const verdicts = stored.verdicts.filter(({ run }) => run === row.id);
      return {
        row,
        recordings: stored.recordings.filter(({ parent }) => parent === row.id),
        ...(folder !== undefined && { folder }),
        ...(verdicts.length > 0 && { verdicts: Object.fromEntries(verdicts.map(({ verdict, n }) => [verdict, n])) }),
      };
    });
    const alone = [...found.values()].map((folder): Known => ({ folder, recordings: [] }));
    return [...known, ...alone].sort((a, b) => (startOf(a) < startOf(b) ? 1 : -1)).slice(0, MAX_RUNS);
  }

  /** The folder that the store names, where it is still that of this run. */
  #besides({ id, capture }: RunRow): FolderRun | undefined {
    const folder = capture === null ? undefined : this.#folders.read(capture);
    return folder?.id === id ? folder : undefined;
  }
}

const NOTHING = {
  rows: [] as Awaited<ReturnType<typeof listRuns>>,
  recordings: [] as RunRow[],
  verdicts: [] as Awaited<ReturnType<typeof verdictCounts>>,
};

function startOf({ folder, row }: Known): string {
  return folder?.started ?? row?.started ?? '';
}
