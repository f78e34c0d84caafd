import { createWriteStream, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ExpectedError } from '../../base/errors.ts';
import { toJson } from '../../base/text.ts';
import { CAPTURE_SCHEMA, type CaptureInfo } from '../../model/capture.ts';
import { eventsOf } from '../../store/queries.ts';
import type { RunRow } from '../../store/tables.ts';
import { readStory } from '../report.ts';
import { documentOf } from '../report-formats.ts';
import type { ReportInput } from '../report-input.ts';
import { type Known, stateOfRun } from './run-items.ts';
import type { StoreAccess } from './store-access.ts';

/** Pages that are kept: some megabytes each. */
const MAX_KEPT = 8;
/** The page of a run that goes on is made anew after so long. */
const LIVE_MS = 10_000;

/** The reports of runs as pages, made when they are asked for, each once for all who ask. */
export class ReportPages {
  readonly #store: StoreAccess;
  readonly #patterns: readonly string[];
  readonly #signal: AbortSignal;
  readonly #kept = new Map<string, { readonly stamp: string; readonly html: Promise<string> }>();

  constructor(store: StoreAccess, patterns: readonly string[], signal: AbortSignal) {
    this.#store = store;
    this.#patterns = patterns;
    this.#signal = signal;
  }

  html(run: Known): Promise<string> {
    const id = run.folder?.id ?? run.row?.id ?? '';
    const live = stateOfRun(run) === 'running';
    const stamp = live ? `live ${Math.floor(Date.now() / LIVE_MS)}` : `${run.folder?.touched} ${run.row?.seen}`;
    const known = this.#kept.get(id);
    if (known?.stamp === stamp) return known.html;
    const html = this.#make(run);
    html.catch(() => this.#kept.delete(id));
    this.#kept.delete(id);
    this.#kept.set(id, { stamp, html });
    for (const first of this.#kept.keys()) {
      if (this.#kept.size <= MAX_KEPT) break;
      this.#kept.delete(first);
    }
    return html;
  }

  async #make({ folder, row, recordings }: Known): Promise<string> {
    if (folder !== undefined) {
      const { folder: root, kind } = folder;
      const dirs = folder.recordings.map(({ dir }) => dir);
      const alone: ReportInput = { folder: root, kind: 'recording', recordings: dirs };
      if (kind === 'attach') return this.#page(alone);
      // Of a run that another version has written its recordings can be told.
      return this.#page({ ...alone, kind: 'run' }).catch((error) => {
        if (error instanceof ExpectedError && dirs.length > 0) return this.#page(alone);
        throw error;
      });
    }
    const dir = mkdtempSync(join(tmpdir(), 'vexfs-trace-report-'));
    try {
      const all = recordings.length > 0 ? recordings : row === undefined ? [] : [row];
      for (const recording of all) await this.#writeOut(recording, join(dir, recording.id));
      const dirs = all.map(({ id }) => join(dir, id));
      return await this.#page({ folder: row?.id ?? dir, kind: 'recording', recordings: dirs });
    } finally {
      rmSync(dir, { recursive: true, force: true });
    }
  }

  async #page(input: ReportInput): Promise<string> {
    const story = await readStory(input, { patterns: this.#patterns, signal: this.#signal, warn() {} });
    return documentOf(story, 'html');
  }

  /** A recording as a folder, of what the store has: its events without the raw log. */
  async #writeOut(row: RunRow, dir: string): Promise<void> {
    const info: CaptureInfo = {
      ...{ schema: CAPTURE_SCHEMA, run: row.id, tool: row.tool ?? '', startWall: Date.parse(row.started), command: [] },
      ...(row.kernel !== null && { kernel: { name: row.kernel, release: row.kernel } }),
      ...(row.module !== null && { module: row.module }),
    };
    mkdirSync(dir, { recursive: true });
    writeFileSync(join(dir, 'capture.json'), toJson(info));
    const file = createWriteStream(join(dir, 'events.ndjson'));
    await this.#store.ask(async (database) => {
      for await (const body of eventsOf(database, row.id))
        if (!file.write(`${body}\n`)) await new Promise<void>((resolve) => file.once('drain', () => resolve()));
    }, undefined);
    await new Promise<void>((resolve) => file.end(() => resolve()));
  }
}
