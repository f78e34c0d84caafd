import type { Action, Classification } from '../model/classification.ts';
import { ACTION_TABLE } from './action-table.ts';
import type { Stage } from './ladder.ts';

/** One attempt at an action of an earlier recovery. */
export interface Attempt {
  readonly classification: Classification;
  readonly action: Action;
  readonly result: 'ok' | 'failed' | 'skipped';
  readonly verified: boolean;
  readonly durationMs: number;
}

/** What became of all attempts at an action for a classification. */
export interface StageFigures {
  readonly classification: Classification;
  readonly action: Action;
  readonly tries: number;
  /** The action itself succeeded. */
  readonly done: number;
  /** The guest was found healthy after it. */
  readonly verified: number;
  /** It was not enough, or failed: the ladder went on. */
  readonly escalated: number;
  readonly meanMs: number;
}

/** Sums up attempts by classification and action; what was skipped was not tried. */
export function sumUp(attempts: Iterable<Attempt>): StageFigures[] {
  const sums = new Map<string, { first: Attempt; tries: number; done: number; verified: number; ms: number }>();
  for (const attempt of attempts) {
    if (attempt.result === 'skipped') continue;
    const key = `${attempt.classification} ${attempt.action}`;
    const sum = sums.get(key) ?? { first: attempt, tries: 0, done: 0, verified: 0, ms: 0 };
    sum.tries += 1;
    sum.done += attempt.result === 'ok' ? 1 : 0;
    sum.verified += attempt.verified ? 1 : 0;
    sum.ms += attempt.durationMs;
    sums.set(key, sum);
  }
  return [...sums.values()].map(({ first: { classification, action }, tries, done, verified, ms }) => ({
    ...{ classification, action, tries, done, verified },
    escalated: tries - verified,
    meanMs: Math.round(ms / tries),
  }));
}

export interface Ranked {
  readonly stages: readonly Stage[];
  readonly skipped: readonly { readonly purpose: string; readonly reason: string }[];
}

const MIN_TRIES = 10;
const HOPELESS = 0.1;
/** Of both sides, 95 %. */
const Z = 1.96;

/**
 * Leaves out gentle stages that hardly ever helped: a stage is asked how the guest is after its last action, and when after ten tries or
 * more the upper end of the 95 % confidence interval (Wilson) of its success is under a tenth, it is skipped. Stages that
 * renew the guest, and those that only look, are never skipped, so the last resort always remains.
 */
export function rankStages(
  classification: Classification,
  stages: readonly Stage[],
  figures: readonly StageFigures[],
): Ranked {
  const skipped: { purpose: string; reason: string }[] = [];
  const kept = stages.filter(({ purpose, actions }) => {
    const last = actions.at(-1);
    const figure = figures.find((one) => one.classification === classification && one.action === last);
    if (last === undefined || figure === undefined || !isGentle(actions)) return true;
    const { tries, verified } = figure;
    if (tries < MIN_TRIES || upperBound(verified, tries) >= HOPELESS) return true;
    skipped.push({ purpose, reason: `it helped in ${verified} of ${tries} earlier tries` });
    return false;
  });
  return { stages: kept, skipped };
}

function isGentle(actions: readonly Action[]): boolean {
  return (
    actions.every((action) => ACTION_TABLE[action].cost < 7) && !actions.every((action) => ACTION_TABLE[action].looks)
  );
}

/** Upper end of Wilson's interval for `hits` of `tries`. */
function upperBound(hits: number, tries: number): number {
  const rate = hits / tries;
  const z2 = Z * Z;
  const middle = rate + z2 / (2 * tries);
  const spread = Z * Math.sqrt((rate * (1 - rate)) / tries + z2 / (4 * tries * tries));
  return Math.min(1, (middle + spread) / (1 + z2 / tries));
}
