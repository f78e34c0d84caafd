import { join } from 'node:path';
import { packageRoot } from '../guest/paths.ts';
import type { Classification } from '../model/classification.ts';
import type { Match } from '../model/event.ts';
import { createMatcher, type Matcher } from '../patterns/match.ts';
import type { Pattern } from '../patterns/pattern.ts';
import { checkSamples, type SampleResult } from './check-samples.ts';
import { corpusLogs, fixtureLogs, type LabelledLog, labelled } from './labelled-logs.ts';
import { type Change, changesAgainst } from './patterns-changes.ts';
import { compareWinners, readExpected, winnersIn } from './patterns-expected.ts';
import { type WinnerChange, winnerChanges } from './patterns-winners.ts';
import { matchRecorded } from './recorded-log.ts';

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

/** Of labelled logs only classifications are known. */
export interface CorpusScore extends Score {
  unlabelled: number;
  /** How many of the labels leave one classification; the others leave two. */
  exact: number;
  /** Read by the types of the labels alone: what the titles decide shows in the difference. */
  readonly byType: Score & { unlabelled: number };
  readonly byPattern: Map<string, Score>;
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
  readonly corpus?: CorpusScore;
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
  const found = new Map(logs.map(({ name, steps }) => [name, winnersIn(steps, matcher)]));
  for (const { expected: wanted, ...row } of compareWinners(found, expected)) {
    if (wanted === undefined) {
      unlabelled.push({ ...row, expected: '' });
      continue;
    }
    count([fixtures, scores.get(row.won), scores.get(wanted)], row.won, wanted);
    if (row.won !== wanted) wrong.push({ ...row, expected: wanted });
  }
  const corpus = options.corpus === undefined ? undefined : scoreCorpus(corpusLogs(options.corpus), matcher, wrong);
  const changes = changesAgainst(options.base, patterns, [...logs], (log, other) => winnersIn(log.steps, other));
  return {
    ...{ patterns, samples, scores, wrong, unlabelled, fixtures },
    winners: winnerChanges(samples, options.whole !== false),
    ...(corpus && { corpus }),
    ...(changes && { changes }),
  };
}

/** Every sample and every finding of the fixtures is won by the right pattern, and of each it is known which that is. */
export function passes({ samples, fixtures, winners, unlabelled }: TestReport): boolean {
  return samples.every(({ ok }) => ok) && fixtures.wrong + fixtures.missed + winners.length + unlabelled.length === 0;
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

function scoreCorpus(logs: readonly LabelledLog[], matcher: Matcher, wrong: Wrong[]): CorpusScore {
  const nothing = { right: 0, wrong: 0, missed: 0 };
  const corpus = { ...nothing, unlabelled: 0, exact: 0, byType: { ...nothing, unlabelled: 0 }, byPattern: new Map() };
  for (const { name, steps, accepted, acceptedByType, titles } of logs) {
    const first = labelled(matchRecorded(steps, matcher), titles);
    const [best] = first?.matches ?? [];
    if (acceptedByType === undefined) corpus.byType.unlabelled += 1;
    else judge([corpus.byType], best, acceptedByType);
    if (accepted === undefined) {
      corpus.unlabelled += 1;
      continue;
    }
    corpus.exact += accepted.length === 1 ? 1 : 0;
    const own = corpus.byPattern.get(best?.pattern ?? '') ?? { ...nothing };
    if (best !== undefined) corpus.byPattern.set(best.pattern, own);
    if (judge([corpus, own], best, accepted)) continue;
    const title = first?.step.kind === 'finding' ? first.step.finding.title : '';
    wrong.push({ log: `corpus ${name}`, title, won: best?.pattern ?? '', expected: accepted.join(' or ') });
  }
  return corpus;
}

/** Counts what won into the scores; true when it is right. */
function judge(scores: readonly Score[], best: Match | undefined, accepted: readonly Classification[]): boolean {
  const right = best !== undefined && accepted.includes(best.classification);
  for (const score of scores) {
    if (right) score.right += 1;
    else {
      score.wrong += best === undefined ? 0 : 1;
      score.missed += 1;
    }
  }
  return right;
}
