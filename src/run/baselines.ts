import { mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { AtomicFile } from '../base/atomic-file.ts';
import { ExpectedError } from '../base/errors.ts';
import type { Side } from '../model/measured-run.ts';

const SUFFIX = '.json';
const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

/** Where baselines are kept: data, not a cache. */
function folder(): string {
  return join(process.env.XDG_DATA_HOME || join(homedir(), '.local', 'share'), 'vexfs-trace', 'baselines');
}

/** The file of a baseline; undefined for what is no name of one. */
export function baselineFile(name: string): string | undefined {
  return NAME.test(name) ? join(folder(), `${name}${SUFFIX}`) : undefined;
}

/** Keeps a run under a name, in place of one that had it. Returns the file. */
export function saveBaseline(name: string, { runs }: Side): string {
  const file = checked(name);
  const [run] = runs;
  if (run === undefined || runs.length > 1)
    throw new ExpectedError('usage', `a baseline is one run, and these are ${runs.length}`, 'name one of them');
  mkdirSync(folder(), { recursive: true });
  const out = new AtomicFile(file);
  try {
    out.write(`${JSON.stringify({ ...run, facts: Object.fromEntries(run.facts) })}\n`);
    out.commit();
  } finally {
    out.discard();
  }
  return file;
}

/** Names of baselines, with when they were saved. */
export function listBaselines(): { readonly name: string; readonly saved: string }[] {
  let names: string[];
  try {
    names = readdirSync(folder());
  } catch {
    return [];
  }
  return names
    .filter((name) => name.endsWith(SUFFIX) && NAME.test(name.slice(0, -SUFFIX.length)))
    .sort()
    .map((name) => ({
      name: name.slice(0, -SUFFIX.length),
      saved: statSync(join(folder(), name)).mtime.toISOString(),
    }));
}

export function removeBaseline(name: string): void {
  try {
    rmSync(checked(name));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    throw new ExpectedError('usage', `there is no baseline "${name}"`, 'see: vexfs-trace baseline list');
  }
}

function checked(name: string): string {
  const file = baselineFile(name);
  if (file !== undefined) return file;
  throw new ExpectedError(
    'usage',
    `"${name.slice(0, 80)}" is no name of a baseline`,
    'use letters, digits, dots, dashes and underscores, 64 at most',
  );
}
