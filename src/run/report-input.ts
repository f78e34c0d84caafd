import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { ExpectedError } from '../base/errors.ts';

/** A folder to report on: a run of tests with its recordings, or one recording. */
export interface ReportInput {
  readonly folder: string;
  readonly kind: 'run' | 'recording';
  /** Folders of recordings. */
  readonly recordings: readonly string[];
}

/** Where runs and recordings are, unless somebody said otherwise. */
const PLACES = ['runs', 'captures'];
const NEXT = 'name the folder of a run of stress, or of a recording of attach';

/** The folder that was named, else the newest below `runs/` and `captures/`. Fails when it is neither a run nor a recording. */
export function findReportInput(name: string | undefined): ReportInput {
  if (name !== undefined) return inputOf(name) ?? neither(name);
  const all = PLACES.flatMap(foldersIn)
    .map((folder) => ({ input: inputOf(folder), age: statSync(folder).mtimeMs }))
    .sort((a, b) => b.age - a.age);
  const newest = all.find(({ input }) => input !== undefined)?.input;
  if (newest === undefined) throw new ExpectedError('nothingRan', `there is no run below ${PLACES.join(' or ')}`, NEXT);
  return newest;
}

function neither(name: string): never {
  if (!existsSync(name)) throw new ExpectedError('usage', `${name} does not exist`, NEXT);
  throw new ExpectedError('usage', `${name} is neither a run nor a recording`, NEXT);
}

function inputOf(folder: string): ReportInput | undefined {
  if (isRecording(folder)) return { folder, kind: 'recording', recordings: [folder] };
  if (!existsSync(join(folder, 'summary.json')) && !existsSync(join(folder, 'journal.ndjson'))) return undefined;
  return { folder, kind: 'run', recordings: foldersIn(folder).filter(isRecording) };
}

function isRecording(folder: string): boolean {
  return existsSync(join(folder, 'capture.json'));
}

/** In the order of their numbers: `guest-2` comes before `guest-10`. */
function foldersIn(folder: string): string[] {
  if (!existsSync(folder) || !statSync(folder).isDirectory()) return [];
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => join(folder, name))
    .sort(new Intl.Collator('en', { numeric: true }).compare);
}
