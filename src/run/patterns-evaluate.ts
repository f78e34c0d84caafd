import type { Classification } from '../model/classification.ts';
import { calibrate, lookUp, type Reliability, reliability, type Step } from '../patterns/calibration.ts';
import { type FeatureSet, featuresOf, titlePrefix } from '../patterns/features.ts';
import { createMatcher } from '../patterns/match.ts';
import { type Known, Neighbours } from '../patterns/neighbours.ts';
import type { Pattern } from '../patterns/pattern.ts';
import type { LabelledCrash } from './labelled-crashes.ts';
import { matchRecorded } from './recorded-log.ts';

/** What a way of telling what a crash was comes to, on bugs that it has not seen. */
export interface Evaluation {
  readonly name: string;
  readonly n: number;
  readonly accuracy: number;
  readonly reliability: Reliability;
  /** Of what it was sure (0.8 and above): how many there were, and the share of right ones. */
  readonly sure: { readonly n: number; readonly right: number };
  /** Rows: what it was; columns: what was said. */
  readonly confusion: ReadonlyMap<Classification, ReadonlyMap<Classification, number>>;
}

interface Prediction {
  readonly crash: LabelledCrash;
  readonly said: Classification;
  readonly score: number;
  readonly right: boolean;
}

type Learner = (
  training: readonly LabelledCrash[],
) => (crash: LabelledCrash) => { said: Classification; score: number };

const FOLDS = 10;
const SURE = 0.8;

/** The nearest neighbours beside the baselines, each bug told from others only. */
export function evaluate(crashes: readonly LabelledCrash[]): Evaluation[] {
  const learners: readonly (readonly [name: string, learner: Learner])[] = [
    ['nearest neighbours', nearest('all')],
    ['nearest neighbours by frames and context alone', nearest('frames')],
    ['baseline: the most frequent classification', majority],
    ['baseline: the most frequent of the title prefix', byPrefix],
  ];
  return learners.map(([name, learner]) => evaluation(name, crossValidate(crashes, learner)));
}

/** What is learned from the project's own crashes alone, tried on the others; their bugs are left out of the calibration, too. */
export function evaluateShipped(crashes: readonly LabelledCrash[]): Evaluation | undefined {
  const { own, others } = shippedPredictions(crashes);
  if (others.length === 0) return undefined;
  const rows = folds(others.map(({ crash }) => crash)).flatMap(({ test }) => {
    const held = new Set(test);
    const steps = calibrate([...own, ...others.filter(({ crash }) => !held.has(crash))], SCORE_EDGES);
    return withProbability(
      others.filter(({ crash }) => held.has(crash)),
      steps,
    );
  });
  return evaluation('learned from recordings and samples, tried on the labelled logs', rows);
}

/** The staircase from scores to probabilities of what the program carries, from predictions of bugs that it has not seen. */
export function neighbourSteps(crashes: readonly LabelledCrash[]): Step[] {
  const { own, others } = shippedPredictions(crashes);
  return calibrate([...own, ...others], SCORE_EDGES);
}

function shippedPredictions(crashes: readonly LabelledCrash[]) {
  const learner = nearest('all');
  const own = crashes.filter(isOwn);
  const predict = learner(own);
  // A labelled log of a bug that is among our own recordings would be no unseen one.
  const seen = new Set(own.map(({ bug }) => bug));
  const others = crashes.filter((crash) => !isOwn(crash) && !seen.has(crash.bug));
  return { own: leaveOut(own, learner), others: others.map((crash) => predicted(crash, predict(crash))) };
}

/** Scores are few and uneven: these bins are what the data can bear. */
const SCORE_EDGES = [0.15, 0.25, 0.35, 0.45, 0.55, 0.65, 0.75, 0.85];
/** Specificity of matches (WEIGHTS in src/patterns/condition.ts): a kind, a kind and something, a kind and much, more. */
const WEIGHT_EDGES = [2, 3.5, 5];

/** How often matches of each specificity are right; each bug counts once in a bin, however many logs show it. */
export function patternSteps(crashes: readonly LabelledCrash[], patterns: readonly Pattern[]) {
  const matcher = createMatcher(patterns);
  const outcomes = crashes
    .filter(({ from }) => from !== 'sample')
    .flatMap(({ steps, finding, text, accepted, bug }) => {
      const own = matchRecorded(steps, matcher).find(({ step }) => step.kind === 'finding' && step.finding === finding);
      const [best] = own?.matches ?? [];
      if (best === undefined) return [];
      const score = matcher.weight(best.pattern, finding, text);
      return [{ bug, score, right: accepted.includes(best.classification), corrupted: finding.corrupted }];
    });
  const perBug = new Map<number, number>();
  for (const { bug } of outcomes) perBug.set(bug, (perBug.get(bug) ?? 0) + 1);
  const weighted = outcomes.map((one) => ({ ...one, weight: 1 / (perBug.get(one.bug) ?? 1) }));
  return {
    patterns: calibrate(
      weighted.filter(({ corrupted }) => !corrupted),
      WEIGHT_EDGES,
    ),
    corrupted: calibrate(
      weighted.filter(({ corrupted }) => corrupted),
      [],
    ),
  };
}

/** What the program carries to compare with: the project's own crashes, one of each bug and set of features. */
export function knownCrashes(crashes: readonly LabelledCrash[]): Known<Classification>[] {
  const seen = new Set<string>();
  return crashes.filter(isOwn).flatMap((crash) => {
    const one = known('all')(crash);
    const key = JSON.stringify([one.classification, [...one.features].sort()]);
    if (seen.has(key)) return [];
    seen.add(key);
    return [one];
  });
}

const isOwn = ({ from }: LabelledCrash): boolean => from !== 'corpus';

const known =
  (set: FeatureSet) =>
  ({ id, accepted: [classification], finding }: LabelledCrash): Known<Classification> => ({
    ...{ id, classification, features: featuresOf(finding, set) },
  });

const nearest =
  (set: FeatureSet): Learner =>
  (training) => {
    const neighbours = new Neighbours(training.map(known(set)));
    return ({ finding }) => {
      const vote = neighbours.vote(featuresOf(finding, set));
      return { said: vote?.classification ?? 'unknown', score: vote?.score ?? 0 };
    };
  };

const majority: Learner = (training) => {
  const all = mostFrequent(training);
  return () => all;
};

const byPrefix: Learner = (training) => {
  const prefixes = byTitlePrefix(training);
  const all = mostFrequent(training);
  return ({ finding }) => {
    const same = prefixes.get(titlePrefix(finding.title));
    return same === undefined ? { ...all, score: all.score / 2 } : mostFrequent(same);
  };
};

function byTitlePrefix(training: readonly LabelledCrash[]): Map<string, LabelledCrash[]> {
  const groups = new Map<string, LabelledCrash[]>();
  for (const crash of training) {
    const prefix = titlePrefix(crash.finding.title);
    groups.set(prefix, [...(groups.get(prefix) ?? []), crash]);
  }
  return groups;
}

function mostFrequent(crashes: readonly LabelledCrash[]): { said: Classification; score: number } {
  const counts = new Map<Classification, number>();
  for (const { accepted } of crashes) counts.set(accepted[0], (counts.get(accepted[0]) ?? 0) + 1);
  const [best] = [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
  return best === undefined ? { said: 'unknown', score: 0 } : { said: best[0], score: best[1] / crashes.length };
}

/** Predictions for all, each from the folds that have none of its bug; probabilities from the training folds, too. */
function crossValidate(crashes: readonly LabelledCrash[], learner: Learner): (Prediction & { probability: number })[] {
  return folds(crashes).flatMap(({ training, test }) => {
    const steps = calibrate(
      leaveOut(training, learner).map(({ score, right }) => ({ score, right })),
      SCORE_EDGES,
    );
    const predict = learner(training);
    return withProbability(
      test.map((crash) => predicted(crash, predict(crash))),
      steps,
    );
  });
}

function leaveOut(crashes: readonly LabelledCrash[], learner: Learner): Prediction[] {
  return folds(crashes).flatMap(({ training, test }) => {
    const predict = learner(training);
    return test.map((crash) => predicted(crash, predict(crash)));
  });
}

/** Whole bugs, dealt out the largest first, to where there are fewest. */
function folds(crashes: readonly LabelledCrash[]) {
  const bugs = new Map<number, LabelledCrash[]>();
  for (const crash of crashes) bugs.set(crash.bug, [...(bugs.get(crash.bug) ?? []), crash]);
  const parts: LabelledCrash[][] = Array.from({ length: FOLDS }, () => []);
  const bySize = [...bugs.values()].sort(
    (a, b) => b.length - a.length || ((a[0]?.id ?? '') < (b[0]?.id ?? '') ? -1 : 1),
  );
  for (const bug of bySize) [...parts].sort((a, b) => a.length - b.length)[0]?.push(...bug);
  return parts.map((test) => ({ test, training: parts.filter((part) => part !== test).flat() }));
}

function predicted(crash: LabelledCrash, { said, score }: { said: Classification; score: number }): Prediction {
  return { crash, said, score, right: crash.accepted.includes(said) };
}

function withProbability(predictions: readonly Prediction[], steps: readonly Step[]) {
  return predictions.map((one) => ({ ...one, probability: lookUp(steps, one.score) ?? 0.5 }));
}

function evaluation(name: string, rows: readonly (Prediction & { readonly probability: number })[]): Evaluation {
  const confusion = new Map<Classification, Map<Classification, number>>();
  for (const { crash, said, right } of rows) {
    const truth = right ? said : crash.accepted[0];
    const row = confusion.get(truth) ?? new Map<Classification, number>();
    confusion.set(truth, row.set(said, (row.get(said) ?? 0) + 1));
  }
  const sure = rows.filter(({ probability }) => probability >= SURE);
  const share = (all: readonly Prediction[]) => all.filter(({ right }) => right).length / Math.max(1, all.length);
  return {
    name,
    n: rows.length,
    accuracy: share(rows),
    reliability: reliability(rows),
    sure: { n: sure.length, right: share(sure) },
    confusion,
  };
}
