import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../guest/paths.ts';
import type { SampleResult } from './check-samples.ts';

/**
 * Who wins each sample and counter-sample of each pattern, reviewed by people and kept outside of the patterns: a pattern that is
 * deleted, weakened or widened shows there as a winner that changed. By pattern: its samples, then its counter-samples; what is
 * won in one of them is told with blanks between, in order, `-` for what nobody wins.
 */
export const WINNERS = 'fixtures/expected-winners.json';

type Table = Readonly<Record<string, readonly [samples: readonly string[], counterSamples: readonly string[]]>>;

/** A row of the table that is not as it was. */
export interface WinnerChange {
  readonly pattern: string;
  /** `sample 2`, `counterSample 1`, or empty where the pattern is gone. */
  readonly place: string;
  readonly expected: string;
  readonly won: string;
}

export function readWinners(root = packageRoot()): Table {
  const path = join(root, WINNERS);
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as Table) : {};
}

/** What the table must hold for these samples. */
export function winnersOf(samples: readonly SampleResult[]): Table {
  const table: Record<string, [string[], string[]]> = {};
  for (const { pattern, kind, won } of samples) {
    const row = table[pattern.id] ?? [[], []];
    table[pattern.id] = row;
    row[kind === 'sample' ? 0 : 1].push(won);
  }
  return table;
}

/**
 * Where winners differ from the table. Patterns and samples that it does not know yet are no difference. `whole` says that the
 * library is all there is: then a pattern of the table that is not there is missed.
 */
export function winnerChanges(samples: readonly SampleResult[], whole: boolean, table = readWinners()): WinnerChange[] {
  const now = winnersOf(samples);
  return Object.entries(table).flatMap(([pattern, expected]): WinnerChange[] => {
    const rows = now[pattern];
    if (rows === undefined) return whole ? [{ pattern, place: '', expected: pattern, won: '' }] : [];
    return (['sample', 'counterSample'] as const).flatMap((kind, which) =>
      rows[which as 0 | 1].flatMap((won, i): WinnerChange[] => {
        const before = expected[which as 0 | 1][i] ?? won;
        return before === won ? [] : [{ pattern, place: `${kind} ${i + 1}`, expected: before, won }];
      }),
    );
  });
}

/** Writes who wins now as who must win. Gives the path. */
export function updateWinners(samples: readonly SampleResult[]): string {
  const path = join(packageRoot(), WINNERS);
  const rows = Object.entries(winnersOf(samples)).sort(([a], [b]) => (a < b ? -1 : 1));
  const text = rows.map(([id, [own, others]]) => `  ${JSON.stringify(id)}: [${list(own)}, ${list(others)}]`);
  writeFileSync(path, `{\n${text.join(',\n')}\n}\n`);
  return path;
}

const list = (words: readonly string[]): string => JSON.stringify(words).replaceAll('","', '", "');
