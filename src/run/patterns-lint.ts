import { join, relative } from 'node:path';
import { packageRoot } from '../guest/paths.ts';
import { type Complaint, lintPatterns } from '../patterns/lint.ts';
import { createMatcher } from '../patterns/match.ts';
import type { Pattern } from '../patterns/pattern.ts';
import { commandData, commandProperty, oneLine } from '../sink/escape.ts';
import { fixtureLogs } from './labelled-logs.ts';
import { readLibraryFiles } from './library.ts';
import { type Matched, matchRecorded } from './recorded-log.ts';
import { recordSample } from './recorded-sample.ts';

/** A complaint, or a problem of loading, with its place. */
export interface LintRow {
  readonly level: 'error' | 'warning';
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly rule: string;
  readonly message: string;
}

export async function lint(named: readonly string[], only?: boolean) {
  const { patterns, problems } = await readLibraryFiles(named, only);
  const rows = [
    ...problems.map(
      ({ level, file, line, column, message }): LintRow => ({
        ...{ level: level === 'error' ? 'error' : 'warning', rule: level === 'error' ? 'schema' : 'override' },
        ...{ file: shown(file), line, column, message },
      }),
    ),
    ...lintLibrary(patterns).map(
      ({ level, pattern, rule, message }): LintRow => ({
        level,
        file: shown(pattern.file),
        line: 1,
        column: 1,
        rule,
        message,
      }),
    ),
  ];
  return { patterns: patterns.length, rows, errors: rows.filter(({ level }) => level === 'error').length };
}

export const LINT_REPORTS: Readonly<Record<'text' | 'json' | 'github', (rows: readonly LintRow[]) => string>> = {
  text: (rows) =>
    rows.map((row) => `${row.file}:${row.line}:${row.column}: ${row.level}: ${row.message} (${row.rule})\n`).join(''),
  json: (rows) => `${JSON.stringify(rows, null, 2)}\n`,
  github: (rows) =>
    rows
      .map(
        ({ level, file, line, column, rule, message }) =>
          `::${level} file=${commandProperty(file)},line=${line},col=${column},title=${rule}::${commandData(oneLine(message))}\n`,
      )
      .join(''),
};

const shown = (file: string): string => relative(process.cwd(), file) || file;

/** Kinds of finding beyond which a pattern that names none is too wide to say anything. */
const MANY_KINDS = 12;

/** What can be said of patterns by reading them, and by what they do to each other's samples and to the fixtures. */
export function lintLibrary(patterns: readonly Pattern[]): Complaint[] {
  const matcher = createMatcher(patterns);
  const samples = patterns.map((pattern) => ({
    pattern,
    seen: pattern.samples.map((sample) => matchRecorded(recordSample(sample), matcher)),
  }));
  const fixtures = fixtureLogs(join(packageRoot(), 'fixtures')).map(({ steps }) => matchRecorded(steps, matcher));
  const all = [...samples.flatMap(({ seen }) => seen), ...fixtures].flat();
  return [
    ...lintPatterns(patterns),
    ...samples.flatMap(({ pattern, seen }) => [
      ...ties(pattern, seen.flat()),
      ...shadowed(pattern, seen),
      ...emptyExtracts(pattern, seen.flat()),
    ]),
    ...patterns.flatMap((pattern) => tooWide(pattern, all)),
    ...overlaps(samples),
  ];
}

/** One that is as specific decides by severity and name who wins; that is no reason. */
function ties(pattern: Pattern, seen: readonly Matched[]): Complaint[] {
  const tied = new Set(
    seen.flatMap(({ matches: [best] }) => {
      const [, others] = best?.pattern === pattern.id ? (/ties with ([^;]+)$/.exec(best.explain) ?? []) : [];
      return others === undefined ? [] : others.split(', ');
    }),
  );
  return [...tied].map((other) => ({
    ...{ level: 'error', pattern, rule: 'tie' },
    message: `is as specific as ${other} for one of its samples; ask for more in one of them`,
  }));
}

function shadowed(pattern: Pattern, seen: readonly (readonly Matched[])[]): Complaint[] {
  const wins = seen.some((events) => events.some(({ matches }) => matches[0]?.pattern === pattern.id));
  if (wins) return [];
  const winners = new Set(seen.flatMap((events) => events.flatMap(({ matches }) => matches[0]?.pattern ?? [])));
  const by = winners.size === 0 ? 'nothing matches its samples' : `its samples are won by ${[...winners].join(', ')}`;
  return [{ level: 'error', pattern, rule: 'shadowed', message: `never wins: ${by}` }];
}

function emptyExtracts(pattern: Pattern, seen: readonly Matched[]): Complaint[] {
  const shown = seen.flatMap(({ matches }) => matches.filter((match) => match.pattern === pattern.id));
  return Object.keys(pattern.extract)
    .filter((name) => !shown.some(({ explain }) => explain.includes(`; ${name}: `)))
    .map((name) => ({
      ...{ level: 'error', pattern, rule: 'empty-extract' },
      message: `extract.${name} finds nothing in any of its samples`,
    }));
}

function tooWide(pattern: Pattern, all: readonly Matched[]): Complaint[] {
  const kinds = new Set(
    all.flatMap(({ step, matches }) =>
      step.kind === 'finding' && matches.some((match) => match.pattern === pattern.id) ? [step.finding.kind] : [],
    ),
  );
  if (kinds.size <= MANY_KINDS) return [];
  return [{ level: 'error', pattern, rule: 'too-wide', message: `matches findings of ${kinds.size} kinds` }];
}

/** Two that match exactly each other's samples are one pattern, or ask for too little. */
function overlaps(
  samples: readonly { readonly pattern: Pattern; readonly seen: readonly (readonly Matched[])[] }[],
): Complaint[] {
  const matched = samples.map(({ pattern, seen }) => {
    const [first = new Set<string>(), ...others] = seen.map(
      (events) => new Set(events.flatMap(({ matches }) => matches.map((match) => match.pattern))),
    );
    return { pattern, always: [...first].filter((id) => others.every((set) => set.has(id))) };
  });
  const always = new Map(matched.map(({ pattern, always: ids }) => [pattern.id, ids]));
  return matched.flatMap(({ pattern, always: ids }) =>
    ids
      .filter((id) => id < pattern.id && always.get(id)?.includes(pattern.id))
      .map(
        (id): Complaint => ({
          ...{ level: 'warning', pattern, rule: 'overlap' },
          message: `and ${id} match all of each other's samples: which one wins hangs on little`,
        }),
      ),
  );
}
