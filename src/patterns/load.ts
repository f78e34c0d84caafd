import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import { messageOf } from '../base/errors.ts';
import { MAX_FILE_BYTES, parsePattern, type ReadFixture } from './parse.ts';
import type { Pattern, PatternProblem } from './pattern.ts';

const MAX_FILES = 10_000;
const MAX_FIXTURE_BYTES = 4 * 1024 * 1024;

export interface LoadOptions {
  /** Where `fixture:` samples live. Without it, samples that name one are a problem. */
  readonly fixtures?: string;
  /** Patterns that were loaded before; an entry may override them. */
  readonly before?: readonly Pattern[];
}

export interface Library {
  /** Sorted by id. */
  readonly patterns: readonly Pattern[];
  /** Errors of files that did not load, and notes on patterns that replaced others. */
  readonly problems: readonly PatternProblem[];
}

/**
 * Loads all `*.yaml` below the directories (or the files named). A later entry overrides an earlier one's pattern of the same
 * id, with a note; the same id twice within one entry is an error. The only file of the pattern library that touches the disk.
 */
export function loadPatterns(dirs: readonly string[], options: LoadOptions = {}): Library {
  const byId = new Map<string, Pattern>(options.before?.map((pattern) => [pattern.id, pattern]));
  const problems: PatternProblem[] = [];
  const add = (level: PatternProblem['level'], file: string, message: string): void => {
    problems.push({ level, file, line: 1, column: 1, message });
  };
  const readFixture = fixtureReader(options.fixtures);
  for (const dir of dirs) {
    const here = new Set<string>();
    for (const file of patternFiles(dir, add)) {
      const source = readText(file, MAX_FILE_BYTES);
      if ('reason' in source) {
        add('error', file, source.reason);
        continue;
      }
      const parsed = parsePattern(source.text, file, readFixture);
      problems.push(...parsed.problems);
      if (!('pattern' in parsed)) continue;
      const { pattern } = parsed;
      const earlier = byId.get(pattern.id);
      if (basename(file) !== `${pattern.id}.yaml`) {
        add('error', file, `holds the pattern "${pattern.id}"; name the file ${pattern.id}.yaml`);
      } else if (here.has(pattern.id)) {
        add('error', file, `the id "${pattern.id}" is taken by ${earlier?.file ?? 'another file'}`);
      } else {
        if (earlier !== undefined) add('note', file, `replaces the pattern of ${earlier.file}`);
        here.add(pattern.id);
        byId.set(pattern.id, pattern);
      }
    }
  }
  return { patterns: [...byId.values()].sort((a, b) => (a.id < b.id ? -1 : 1)), problems };
}

function patternFiles(entry: string, add: (level: 'error', file: string, message: string) => void): string[] {
  try {
    if (statSync(entry).isFile()) return [entry];
    const files = readdirSync(entry, { recursive: true, withFileTypes: true })
      .filter((item) => item.isFile() && /\.ya?ml$/.test(item.name) && !item.name.startsWith('.'))
      .map((item) => join(item.parentPath, item.name))
      .sort();
    if (files.length > MAX_FILES)
      add('error', entry, `has more than ${MAX_FILES} pattern files; only the first are read`);
    return files.slice(0, MAX_FILES);
  } catch (error) {
    add('error', entry, `cannot be read: ${messageOf(error)}`);
    return [];
  }
}

function fixtureReader(root: string | undefined): ReadFixture {
  return (path) => {
    if (root === undefined) return { reason: 'no directory of fixtures was given' };
    const full = join(root, path);
    return relative(root, full).startsWith('..')
      ? { reason: 'is outside of fixtures/' }
      : readText(full, MAX_FIXTURE_BYTES);
  };
}

/** The size is asked first, so that a huge file costs nothing. */
function readText(file: string, maxBytes: number): { text: string } | { reason: string } {
  try {
    const { size } = statSync(file);
    if (size > maxBytes) return { reason: `is larger than ${maxBytes / 1024} KiB` };
    return { text: readFileSync(file, 'utf8') };
  } catch (error) {
    return { reason: `cannot be read: ${messageOf(error)}` };
  }
}
