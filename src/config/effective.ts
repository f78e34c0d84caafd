import { ExpectedError } from '../base/errors.ts';
import { escapeTerminal } from '../base/text.ts';
import { nearestConfig, readConfigFile } from './find-file.ts';
import type { FileEntry } from './parse-file.ts';
import { environmentName, KEYS, type Key, OPTION_TABLE, type ValueOf } from './table.ts';
import { readValue, type Value } from './value-types.ts';

/** Where a value came from. */
export type Origin =
  | { readonly kind: 'flag' }
  | { readonly kind: 'environment'; readonly name: string }
  | { readonly kind: 'file'; readonly file: string; readonly line: number }
  | { readonly kind: 'default' };

/** The options of a run by their keys, each with where it came from. */
export interface Effective {
  get<K extends Key>(key: K): ValueOf<K>;
  origin(key: Key): Origin;
  /** Keys of the file that were not taken, and why. */
  readonly refused: ReadonlyMap<Key, string>;
  /** The file that was read. */
  readonly file?: string;
}

export interface Sources {
  /** The keys that are asked for; absent: all. The file is checked as a whole. */
  readonly keys?: readonly Key[];
  /** What flags gave, read already. */
  readonly flags: ReadonlyMap<Key, Value>;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Of `--config`. */
  readonly config?: string;
  readonly folder: string;
}

/** The file that was named in the environment. */
const CONFIG_VARIABLE = 'VEXFS_TRACE_CONFIG';

/**
 * What is in force: a flag before the environment, that before the file, that before the default. Fails with exit 2 and every problem
 * with its place. The reader of files is loaded only where there is one.
 */
export async function resolveOptions({ keys = KEYS, flags, environment, config, folder }: Sources): Promise<Effective> {
  const named = config ?? (environment[CONFIG_VARIABLE] || undefined);
  const path = named ?? nearestConfig(folder);
  const file = path === undefined ? undefined : await readFile(path, named !== undefined);
  const found = new Map<Key, { readonly value: Value | undefined; readonly origin: Origin }>();
  for (const key of keys) {
    const name = environmentName(key);
    const text = environment[name];
    const entry = file?.entries.get(key);
    const flag = flags.get(key);
    if (flag !== undefined) found.set(key, { value: flag, origin: { kind: 'flag' } });
    else if (text !== undefined && text !== '')
      found.set(key, { value: fromText(key, text, name), origin: { kind: 'environment', name } });
    else if (entry !== undefined && path !== undefined)
      found.set(key, { value: entry.value, origin: { kind: 'file', file: path, line: entry.line } });
    else {
      const value = OPTION_TABLE[key].default;
      found.set(key, {
        value: value === undefined ? undefined : fromText(key, value, key),
        origin: { kind: 'default' },
      });
    }
  }
  return {
    get: <K extends Key>(key: K) => found.get(key)?.value as ValueOf<K>,
    origin: (key) => found.get(key)?.origin ?? { kind: 'default' },
    refused: file?.refused ?? new Map(),
    ...(path !== undefined && { file: path }),
  };
}

/** A value of a flag or the environment. Fails with exit 2 and the name of what gave it. */
export function fromText(key: Key, text: string, name: string): Value {
  const read = readValue(OPTION_TABLE[key], text);
  if ('problem' in read) throw new ExpectedError('usage', `${name}: ${read.problem}`);
  return read.value;
}

interface ReadFile {
  readonly entries: ReadonlyMap<Key, FileEntry>;
  readonly refused: ReadonlyMap<Key, string>;
}

/** Reads and checks a file. Fails with exit 2 and each problem as `file:line:column: what`. */
async function readFile(path: string, named: boolean): Promise<ReadFile> {
  const { parseConfig, MAX_CONFIG_BYTES } = await import('./parse-file.ts');
  const { text, trusted } = readConfigFile(path, MAX_CONFIG_BYTES, named);
  const parsed = parseConfig(text, path);
  if ('problems' in parsed) {
    const lines = parsed.problems.map(({ line, column, message }) => `${path}:${line}:${column}: ${message}`);
    throw new ExpectedError('usage', lines.map(escapeTerminal).join('\n  '));
  }
  if (trusted) return { entries: parsed.entries, refused: new Map() };
  const why = `${path} may have been written by others; name it with --config if you mean it`;
  const [taken, refused] = [true, false].map((isTaken) =>
    [...parsed.entries].filter(([key]) => (OPTION_TABLE[key].runsHere === undefined) === isTaken),
  );
  return { entries: new Map(taken), refused: new Map(refused?.map(([key]) => [key, `${key} is not taken: ${why}`])) };
}
