import { lstatSync, readdirSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { CaptureInfo } from '../../model/capture.ts';
import { STREAMS, streamFile } from '../../model/chunk.ts';
import { readCaptureInfo } from '../../source/capture-reader.ts';
import { type Entry, type JournalHeader, readJournal } from '../../stress/journal.ts';

export interface FolderRecording {
  readonly id: string;
  readonly name: string;
  readonly dir: string;
  readonly info: CaptureInfo;
}

/** A run as its folder tells it. */
export interface FolderRun {
  readonly id: string;
  readonly kind: 'attach' | 'stress';
  readonly folder: string;
  readonly started: string;
  readonly command: readonly string[];
  readonly recordings: readonly FolderRecording[];
  /** Of a run of tests, the attempts so far. */
  readonly entries: readonly Entry[];
  /** It has been summed up. */
  readonly summary: boolean;
  /** When something in it was last written, milliseconds. */
  readonly touched: number;
}

/** Folders that are looked at below each place: the last by name, which is by time. */
const MAX_FOLDERS = 500;
/** Of a journal, summary or description of a recording. */
const MAX_BYTES = 64 << 20;
const GROWING = ['events.ndjson', 'index.ndjson', 'journal.ndjson', 'capture.json'];

/** Looks for runs and recordings in folders, and below them. What is neither is passed over; what has not changed is not read again. */
export class FolderRuns {
  readonly #places: readonly string[];
  readonly #known = new Map<string, { readonly stamp: string; readonly run: FolderRun }>();

  constructor(places: readonly string[]) {
    this.#places = places;
  }

  find(): readonly FolderRun[] {
    const runs = new Map<string, FolderRun>();
    const add = (run: FolderRun | undefined) => {
      if (run !== undefined && !runs.has(run.id)) runs.set(run.id, run);
    };
    for (const place of this.#places) {
      const own = this.read(place);
      if (own !== undefined) add(own);
      else for (const folder of foldersIn(place)) add(this.read(folder));
    }
    return [...runs.values()];
  }

  /** The run in a folder; undefined where there is none, or it cannot be read. */
  read(folder: string): FolderRun | undefined {
    const stamps = ['journal.ndjson', 'summary.json', 'capture.json'].map((name) => stampOf(join(folder, name)));
    if (stamps[0] === '' && stamps[2] === '') return undefined;
    const isRun = stamps[0] !== '';
    const parts = isRun ? foldersIn(folder) : [];
    const stamp = [...stamps, ...parts].join(' ');
    const known = this.#known.get(folder);
    try {
      const run = known?.stamp === stamp ? known.run : isRun ? runOf(folder, parts, stamps[1] !== '') : alone(folder);
      this.#known.set(folder, { stamp, run });
      return { ...run, touched: touchedIn([folder, ...run.recordings.map(({ dir }) => dir)]) };
    } catch {
      return undefined;
    }
  }
}

function runOf(folder: string, parts: readonly string[], summary: boolean): FolderRun {
  const { header, entries } = readJournal(join(folder, 'journal.ndjson'));
  const recordings = parts.flatMap((dir) => recordingOf(dir) ?? []);
  const { run: id, started } = header;
  return { id, kind: 'stress', folder, started, command: commandOf(header), recordings, entries, summary, touched: 0 };
}

function alone(folder: string): FolderRun {
  if (!isPlain(folder)) throw new Error('it links to what is elsewhere');
  const info = readCaptureInfo(folder);
  const started = new Date(info.startWall).toISOString();
  const recordings = [{ id: info.run, name: basename(folder), dir: folder, info }];
  const { run: id, command } = info;
  return { id, kind: 'attach', folder, started, command, recordings, entries: [], summary: false, touched: 0 };
}

function recordingOf(dir: string): FolderRecording | undefined {
  try {
    if (!isPlain(dir)) return undefined;
    const info = readCaptureInfo(dir);
    return { id: info.run, name: basename(dir), dir, info };
  } catch {
    return undefined;
  }
}

function commandOf({ asked }: JournalHeader): readonly string[] {
  return Array.isArray(asked.command) ? asked.command.map(String) : ['stress'];
}

function touchedIn(folders: readonly string[]): number {
  const times = folders.flatMap((folder) =>
    GROWING.map((name) => statSync(join(folder, name), { throwIfNoEntry: false })?.mtimeMs ?? 0),
  );
  return Math.max(0, ...times);
}

/** Empty for what is no file of this folder, or longer than any that we write. */
function stampOf(path: string): string {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  return stat?.isFile() && stat.size <= MAX_BYTES ? `${stat.mtimeMs}:${stat.size}:${stat.ino}` : '';
}

/** A recording may come from elsewhere: what it links to is no part of it, and a pipe would keep us waiting. */
function isPlain(dir: string): boolean {
  return ['capture.json', 'events.ndjson', 'index.ndjson', ...STREAMS.map(streamFile)].every(
    (name) => lstatSync(join(dir, name), { throwIfNoEntry: false })?.isFile() ?? true,
  );
}

function foldersIn(place: string): string[] {
  try {
    return readdirSync(place, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => join(place, name))
      .sort(new Intl.Collator('en', { numeric: true }).compare)
      .slice(-MAX_FOLDERS);
  } catch {
    return [];
  }
}
