import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../guest/paths.ts';
import { createMatcher, type Matcher } from '../patterns/match.ts';
import type { Pattern } from '../patterns/pattern.ts';
import { checkSamples, type SampleResult } from './check-samples.ts';
import { corpusLogs, fixtureLogs, type LabelledLog, labelled } from './labelled-logs.ts';
import { type Change, changesAgainst } from './patterns-changes.ts';
import { type WinnerChange, winnerChanges } from './patterns-winners.ts';
import { type Matched, matchRecorded } from './recorded-log.ts';

/** Which pattern wins each finding of each fixture, reviewed by people: what `patterns test` compares with. */
const EXPECTED = 'expected-patterns.json';

export interface TestOptions {
  /** A folder of labelled logs. */
  readonly corpus?: string;
  /** A commit to compare with; `main` when absent, and no word of it where there is none. */
  readonly base?: string;
  /** False where the built-in patterns are left out, so that none of them is missed. */
  readonly whole?: boolean;
}

/** How often a pattern won where it should, where it should not, and did not win where it should. */
export interface Score {
  right: number;
  wrong: number;
  missed: number;
}

export interface Wrong {
  readonly log: string;
  readonly title: string;
  readonly won: string;
  /** The pattern, or the classifications, that it should have been. */
  readonly expected: string;
}

export interface TestReport {
  readonly patterns: readonly Pattern[];
  readonly samples: readonly SampleResult[];
  /** By pattern, over samples and fixtures. */
  readonly scores: ReadonlyMap<string, Score>;
  readonly wrong: readonly Wrong[];
  /** Samples that another pattern wins than is written down, and patterns that are gone. */
  readonly winners: readonly WinnerChange[];
  /** Findings of fixtures that nobody has said yet what must win. */
  readonly unlabelled: readonly Wrong[];
  readonly fixtures: Score;
  /** Of the corpus only classifications are known. */
  readonly corpus?: Score & { readonly unlabelled: number; readonly byPattern: ReadonlyMap<string, Score> };
  readonly changes?: { readonly base: string; readonly changes: readonly Change[] };
}

/** Tries every sample and counter-sample, all fixtures and, where one is given, the corpus. */
export function testPatterns(patterns: readonly Pattern[], options: TestOptions = {}): TestReport {
  const matcher = createMatcher(patterns);
  const root = join(packageRoot(), 'fixtures');
  const samples = patterns.flatMap((pattern) => checkSamples(pattern, matcher));
  const logs = fixtureLogs(root);
  const expected = readExpected(root);
  const scores = new Map<string, Score>(patterns.map(({ id }) => [id, { right: 0, wrong: 0, missed: 0 }]));
  for (const { pattern, kind, ok } of samples) {
    const score = scores.get(pattern.id);
    if (score === undefined) continue;
    if (kind === 'counterSample') score.wrong += ok ? 0 : 1;
    else if (ok) score.right += 1;
    else score.missed += 1;
  }
  const fixtures: Score = { right: 0, wrong: 0, missed: 0 };
  const wrong: Wrong[] = [];
  const unlabelled: Wrong[] = [];
  for (const { name, steps } of logs) {
    for (const [i, { title, won }] of winners(steps, matcher).entries()) {
      const wanted = expected[name]?.[i];
      const row = { log: name, title, won, expected: wanted ?? '' };
      if (wanted === undefined) {
        unlabelled.push(row);
        continue;
      }
      count([fixtures, scores.get(won), scores.get(wanted)], won, wanted);
      if (won !== wanted) wrong.push(row);
    }
  }
  const corpus = options.corpus === undefined ? undefined : scoreCorpus(corpusLogs(options.corpus), matcher, wrong);
  const changes = changesAgainst(options.base, patterns, [...logs], (log, other) => winners(log.steps, other));
  return {
    ...{ patterns, samples, scores, wrong, unlabelled, fixtures },
    winners: winnerChanges(samples, options.whole !== false),
    ...(corpus && { corpus }),
    ...(changes && { changes }),
  };
}

/** Every sample and every fixture is won by the right pattern. */
export function passes({ samples, fixtures, winners }: TestReport): boolean {
  return samples.every(({ ok }) => ok) && fixtures.wrong + fixtures.missed + winners.length === 0;
}

export interface Winner {
  readonly title: string;
  /** Empty when no pattern matched. */
  readonly won: string;
}

function winners(steps: LabelledLog['steps'], matcher: Matcher): Winner[] {
  return matchRecorded(steps, matcher).flatMap(({ step, matches }: Matched) => {
    const won = matches[0]?.pattern ?? '';
    if (step.kind === 'finding') return [{ title: step.finding.title, won }];
    return won === '' ? [] : [{ title: step.event.kind, won }];
  });
}

function count([all, won, wanted]: readonly (Score | undefined)[], id: string, expected: string): void {
  if (id === expected) {
    if (all !== undefined) all.right += 1;
    if (won !== undefined) won.right += 1;
    return;
  }
  if (won !== undefined) won.wrong += 1;
  if (wanted !== undefined) wanted.missed += 1;
  if (all !== undefined && id !== '') all.wrong += 1;
  if (all !== undefined && expected !== '') all.missed += 1;
}

function scoreCorpus(logs: readonly LabelledLog[], matcher: Matcher, wrong: Wrong[]) {
  const corpus = { right: 0, wrong: 0, missed: 0, unlabelled: 0, byPattern: new Map<string, Score>() };
  for (const { name, steps, accepted, titles } of logs) {
    const first = labelled(matchRecorded(steps, matcher), titles);
    if (accepted === undefined) {
      corpus.unlabelled += 1;
      continue;
    }
    const [best] = first?.matches ?? [];
    const own = corpus.byPattern.get(best?.pattern ?? '') ?? { right: 0, wrong: 0, missed: 0 };
    if (best !== undefined) corpus.byPattern.set(best.pattern, own);
    const right = best !== undefined && accepted.includes(best.classification);
    for (const score of [corpus, own]) {
      if (right) score.right += 1;
      else if (best === undefined) score.missed += 1;
      else {
        score.wrong += 1;
        score.missed += 1;
      }
    }
    const title = first?.step.kind === 'finding' ? first.step.finding.title : '';
    if (!right) wrong.push({ log: `corpus ${name}`, title, won: best?.pattern ?? '', expected: accepted.join(' or ') });
  }
  return corpus;
}

type Expected = Readonly<Record<string, readonly string[]>>;

function readExpected(root: string): Expected {
  const path = join(root, EXPECTED);
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as Expected) : {};
}

/** Writes what wins now as what must win. */
export function updateExpected(patterns: readonly Pattern[]): string {
  const root = join(packageRoot(), 'fixtures');
  const matcher = createMatcher(patterns);
  const rows = fixtureLogs(root).flatMap(({ name, steps }) => {
    const won = winners(steps, matcher).map((winner) => winner.won);
    return won.length === 0 ? [] : [`  ${JSON.stringify(name)}: ${JSON.stringify(won)}`];
  });
  writeFileSync(join(root, EXPECTED), `{\n${rows.join(',\n').replaceAll('","', '", "')}\n}\n`);
  return join(root, EXPECTED);
}
