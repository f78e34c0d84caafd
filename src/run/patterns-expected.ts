import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../guest/paths.ts';
import { createMatcher, type Matcher } from '../patterns/match.ts';
import type { Pattern } from '../patterns/pattern.ts';
import { fixtureLogs, type LabelledLog } from './labelled-logs.ts';
import { matchRecorded } from './recorded-log.ts';

/** Which pattern wins each finding of each fixture, in order, reviewed by people: what `patterns test` compares with. */
const EXPECTED = 'expected-patterns.json';

type Expected = Readonly<Record<string, readonly string[]>>;

export interface Winner {
  readonly title: string;
  /** Empty when no pattern matched. */
  readonly won: string;
}

/** A finding of a fixture, with what wins it. */
export interface FixtureRow extends Winner {
  readonly log: string;
  /** The pattern that must win; undefined while nobody has said which. */
  readonly expected?: string;
}

/** Who wins each finding of a log, and what is raised behind other events. */
export function winnersIn(steps: LabelledLog['steps'], matcher: Matcher): Winner[] {
  return matchRecorded(steps, matcher).flatMap(({ step, matches }) => {
    const won = matches[0]?.pattern ?? '';
    if (step.kind === 'finding') return [{ title: step.finding.title, won }];
    return won === '' ? [] : [{ title: step.event.kind, won }];
  });
}

/** Every finding that there is, and every one that must be there: what is gone is won by nothing. */
export function compareWinners(found: ReadonlyMap<string, readonly Winner[]>, expected: Expected): FixtureRow[] {
  const names = new Set([...found.keys(), ...Object.keys(expected)]);
  return [...names].flatMap((log) => {
    const now = found.get(log) ?? [];
    const wanted = expected[log] ?? [];
    const rows = now.map((row, i): FixtureRow => {
      const must = wanted[i];
      return { log, ...row, ...(must !== undefined && { expected: must }) };
    });
    const gone = wanted
      .slice(now.length)
      .map((must) => ({ log, title: 'a finding that is gone', won: '', expected: must }));
    return [...rows, ...gone];
  });
}

export function readExpected(root: string): Expected {
  const path = join(root, EXPECTED);
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as Expected) : {};
}

/** Writes what wins now as what must win. */
export function updateExpected(patterns: readonly Pattern[]): string {
  const root = join(packageRoot(), 'fixtures');
  const matcher = createMatcher(patterns);
  const rows = fixtureLogs(root).flatMap(({ name, steps }) => {
    const won = winnersIn(steps, matcher).map((winner) => winner.won);
    return won.length === 0 ? [] : [`  ${JSON.stringify(name)}: ${JSON.stringify(won)}`];
  });
  writeFileSync(join(root, EXPECTED), `{\n${rows.join(',\n').replaceAll('","', '", "')}\n}\n`);
  return join(root, EXPECTED);
}
