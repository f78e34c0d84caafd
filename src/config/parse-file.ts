import { dirname, resolve } from 'node:path';
import { didYouMean } from '../base/text.ts';
import { offsetOf, type Place, readYaml, type YamlProblem } from '../base/yaml.ts';
import { configSchema } from './schema.ts';
import { KEYS, type Key, OPTION_TABLE } from './table.ts';
import type { Value } from './value-types.ts';

/** The example has 5 KiB. What the parser does with keys takes the square of their number. */
export const MAX_CONFIG_BYTES = 32 * 1024;

/** More of them help nobody, and each takes its time to be looked for. */
const MAX_PROBLEMS = 20;

export interface FileEntry extends Place {
  readonly value: Value;
}
export type ParsedConfig =
  | { readonly entries: ReadonlyMap<Key, FileEntry> }
  | { readonly problems: readonly YamlProblem[] };

/**
 * Reads the text of a configuration file. `file` is its path: paths in it are meant from there. Never throws on any text; each problem
 * has its place and, for slips of the finger, the word that was probably meant.
 */
export function parseConfig(source: string, file: string): ParsedConfig {
  const what = 'configuration files';
  // Every scalar as it is written: as a number, the kernel 6.10 would be 6.1.
  const read = readYaml(source, { maxBytes: MAX_CONFIG_BYTES, maxNesting: 50, schema: 'failsafe', what });
  if ('problems' in read) return read;
  const { document, place } = read;
  const raw: unknown = document.contents === null ? {} : document.toJS({ maxAliasCount: 0 });
  // A file of nothing but words about it says nothing.
  const result = configSchema.safeParse(raw === '' ? {} : raw);
  if (!result.success) {
    const problems = result.error.issues.slice(0, MAX_PROBLEMS).flatMap((issue) =>
      issue.code === 'unrecognized_keys'
        ? issue.keys.slice(0, MAX_PROBLEMS).map((key) => ({
            ...place(offsetOf(document, issue.path, key)),
            message: unknownKey(key, issue.path.map(String)),
          }))
        : [{ ...place(offsetOf(document, issue.path)), message: describe(issue) }],
    );
    return { problems: problems.sort((a, b) => a.line - b.line || a.column - b.column).slice(0, MAX_PROBLEMS) };
  }
  const entries = new Map<Key, FileEntry>();
  for (const key of KEYS) {
    const path = key.split('.');
    const value = valueAt(result.data, path);
    if (value !== undefined)
      entries.set(key, { value: fromFolder(key, value, dirname(file)), ...place(offsetOf(document, path)) });
  }
  return { entries };
}

function describe({ code, path, message }: { code?: string; path: PropertyKey[]; message: string }): string {
  const where = path.length === 0 ? '' : `${path.join('.')}: `;
  return code === 'invalid_type' ? `${where}a section with keys is needed` : `${where}${message.replace(/\.$/, '')}`;
}

/** Looked for among the keys of its section first, then everywhere: a section may have been forgotten. */
function unknownKey(key: string, section: readonly string[]): string {
  const prefix = section.map((name) => `${name}.`).join('');
  const here = KEYS.filter((known) => known.startsWith(prefix)).map(
    (known) => known.slice(prefix.length).split('.')[0] ?? '',
  );
  const name = `${prefix}${key}`.slice(0, 200);
  const near = didYouMean(key, new Set(here));
  if (near !== undefined) return `unknown key "${name}"; did you mean "${prefix}${near}"?`;
  const elsewhere = KEYS.find((known) => known.split('.').at(-1) === key) ?? didYouMean(name, KEYS);
  return `unknown key "${name}"${elsewhere === undefined ? '' : `; did you mean "${elsewhere}"?`}`;
}

function valueAt(data: unknown, path: readonly string[]): Value | undefined {
  let at = data;
  for (const name of path) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, name)) return undefined;
    at = (at as Record<string, unknown>)[name];
  }
  return at as Value | undefined;
}

function fromFolder(key: Key, value: Value, folder: string): Value {
  const { relative } = OPTION_TABLE[key];
  const move = (path: string) =>
    !path.includes('://') && (relative === 'always' || (relative === 'with-slash' && path.includes('/')))
      ? resolve(folder, path)
      : path;
  if (typeof value === 'string') return move(value);
  return Array.isArray(value) ? value.map(move) : value;
}
