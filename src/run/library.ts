import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { ExpectedError } from '../base/errors.ts';
import { packageRoot } from '../guest/paths.ts';
import type { Action } from '../model/classification.ts';
import { allowActions } from '../patterns/allow-actions.ts';
import { createMatcher, type Matcher } from '../patterns/match.ts';
import { formatProblem, type Pattern, type PatternProblem } from '../patterns/pattern.ts';
import { builtInPatterns } from './built-in.ts';

/**
 * The patterns that a command works with: the built-in ones, `./patterns` of the current folder, what was named, and the user's
 * own. Later ones override earlier ones by id, which `warn` hears of. A broken pattern fails with exit 2. Where patterns may act,
 * `allowed` says what they may ask for.
 */
export async function openLibrary(
  named: readonly string[],
  warn: (message: string) => void,
  allowed?: ReadonlySet<Action>,
): Promise<Matcher> {
  const matcher = createMatcher(await loadLibrary(named, warn));
  return allowed === undefined ? matcher : allowActions(matcher, allowed);
}

async function loadLibrary(named: readonly string[], warn: (message: string) => void): Promise<readonly Pattern[]> {
  const builtIn = await builtInPatterns(packageRoot());
  const packs = packsBeside(named);
  if (packs.length === 0) return builtIn;
  const { patterns, problems } = await load(packs, builtIn);
  const errors = problems.filter(({ level }) => level === 'error');
  if (errors.length > 0)
    throw new ExpectedError('usage', errors.slice(0, 5).map(formatProblem).join('\n'), 'mend the pattern files above');
  for (const problem of problems) warn(formatProblem(problem));
  return patterns;
}

/** The library as its files are, samples and problems included: for the commands that work on it. */
export interface LibraryFiles {
  /** Sorted by id. */
  readonly patterns: readonly Pattern[];
  readonly problems: readonly PatternProblem[];
  /** Where they come from, the overriding ones last. */
  readonly packs: readonly string[];
}

/** `only` leaves out every pack but the named ones. */
export async function readLibraryFiles(named: readonly string[], only = false): Promise<LibraryFiles> {
  if (!existsSync(join(packageRoot(), 'fixtures')))
    throw new ExpectedError(
      'missing',
      'the recordings that patterns are checked with are not part of this installation',
      'work in a clone of the repository; `explain` works everywhere',
    );
  const packs = only ? [...named] : [join(packageRoot(), 'patterns'), ...packsBeside(named)];
  return { ...(await load(packs, [])), packs };
}

/** Folders and files beside the built-in patterns, in the order in which they override. */
function packsBeside(named: readonly string[]): string[] {
  for (const path of named) {
    if (!existsSync(path))
      throw new ExpectedError('usage', `pattern folder ${path} does not exist`, 'name a folder or a .yaml file');
  }
  const local = join(process.cwd(), 'patterns');
  const config = process.env.XDG_CONFIG_HOME || join(homedir(), '.config');
  const own = join(config, 'vexfs-trace', 'patterns');
  const isLocal = local !== join(packageRoot(), 'patterns') && existsSync(local);
  return [...(isLocal ? [local] : []), ...named, ...(existsSync(own) ? [own] : [])];
}

async function load(packs: readonly string[], before: readonly Pattern[]) {
  // What reads and checks pattern files is much to load.
  const { loadPatterns } = await import('../patterns/load.ts');
  return loadPatterns(packs, { fixtures: join(packageRoot(), 'fixtures'), before });
}
