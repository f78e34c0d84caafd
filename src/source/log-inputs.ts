import { existsSync, readdirSync, type Stats, statSync } from 'node:fs';
import { join } from 'node:path';
import { ExpectedError, messageOf } from '../base/errors.ts';

/** Something to analyse. `found`: in a folder that was named, not named itself. */
export interface LogInput {
  readonly kind: 'stdin' | 'file' | 'capture';
  /** Path as it was named; `stdin` for standard input. */
  readonly name: string;
  readonly found: boolean;
}

/** Something that is none, and why. */
export interface BadInput {
  readonly kind: 'bad';
  readonly name: string;
  readonly found: boolean;
  readonly error: ExpectedError;
}

const HINT = 'name a log file, a folder of logs, or - for standard input';

/**
 * What the arguments name, in their order: files, `-` for standard input, captures, and folders with all files and captures
 * below them, sorted by name. Names that begin with a dot, and links to folders, are not followed.
 */
export function* listInputs(names: readonly string[]): Generator<LogInput | BadInput> {
  if (names.filter((name) => name === '-').length > 1)
    throw new ExpectedError('usage', 'standard input can be read once', 'name - once');
  for (const name of names) {
    if (name === '-') yield { kind: 'stdin', name: 'stdin', found: false };
    else yield* look(name, false, false);
  }
}

function* look(name: string, found: boolean, link: boolean): Generator<LogInput | BadInput> {
  const stats = stat(name);
  if (typeof stats === 'string') yield bad(name, found, stats);
  else if (stats.isDirectory()) {
    if (existsSync(join(name, 'capture.json'))) yield { kind: 'capture', name, found };
    else if (!link) yield* within(name);
    // A pipe or a terminal is meant when it is named: `analyze <(dmesg)`. In a folder it would wait for ever.
  } else if (stats.isFile() || (!found && (stats.isFIFO() || stats.isCharacterDevice()))) {
    yield { kind: 'file', name, found };
  } else yield bad(name, found, `${name} is ${kindOf(stats)}, not a log`);
}

function* within(folder: string): Generator<LogInput | BadInput> {
  try {
    const entries = readdirSync(folder, { withFileTypes: true }).filter(({ name }) => !name.startsWith('.'));
    entries.sort((a, b) => (a.name < b.name ? -1 : 1));
    for (const entry of entries) yield* look(join(folder, entry.name), true, entry.isSymbolicLink());
  } catch (error) {
    yield bad(folder, true, `${folder} cannot be read: ${messageOf(error)}`);
  }
}

/** Or why there is nothing to see. */
function stat(name: string): Stats | string {
  try {
    return statSync(name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return `${name} does not exist`;
    return `${name} cannot be read: ${messageOf(error)}`;
  }
}

function bad(name: string, found: boolean, message: string): BadInput {
  return { kind: 'bad', name, found, error: new ExpectedError('usage', message, HINT) };
}

function kindOf(stats: Stats): string {
  if (stats.isSocket()) return 'a socket';
  return stats.isFIFO() ? 'a pipe' : 'a device';
}
