import type { Action, Classification, Severity } from '../model/classification.ts';
import { ACTION_TABLE } from './action-table.ts';
import { LADDERS, type Stage } from './ladder.ts';
import { type Facts, LASTING_AFTER, refusalOf, severedBy } from './refuse.ts';
import { rankStages, type StageFigures } from './statistics.ts';
import type { Params } from './target.ts';

/** Limits of a whole recovery. */
export interface Budget {
  /** Attempts at actions, repetitions included. */
  readonly actions: number;
  readonly deadlineMs: number;
}

export const DEFAULT_BUDGET: Budget = { actions: 16, deadlineMs: 10 * 60_000 };

/** What a pattern asks for, in its order. */
export interface Wish {
  readonly action: Action;
  readonly attempts?: number;
  readonly timeoutSeconds?: number;
}

export interface PlanInput {
  readonly classification: Classification;
  readonly severity: Severity;
  /** Kind of the finding that the incident began with. */
  readonly kind?: string;
  /** Of the best match; they come before the ladder's own. */
  readonly actions?: readonly (Action | Wish)[];
  readonly facts: Facts;
  readonly budget?: Budget;
  /** What became of stages in earlier runs. */
  readonly statistics?: readonly StageFigures[];
}

export interface Rung {
  readonly action: Action;
  readonly params: Params;
  /** Rungs of one stage belong together: when one that matters fails, the rest of its stage is skipped. */
  readonly stage: number;
  readonly reason: string;
  readonly attempts: number;
  readonly timeoutMs: number;
  /** A health check follows; when it is good, the recovery is over. */
  readonly verify: boolean;
  readonly optional: boolean;
}

export interface Plan {
  readonly rungs: readonly Rung[];
  /** Once healthy, in this order. */
  readonly afterwards: readonly Rung[];
  readonly budget: Budget;
  /** A line each: what was decided and why. */
  readonly explain: readonly string[];
}

/** Which rungs to climb for an incident. Pure: the same input gives the same plan, so a dry run shows the real one. */
export function planRecovery(input: PlanInput): Plan {
  const { classification, severity, kind, facts } = input;
  const budget = input.budget ?? DEFAULT_BUDGET;
  const ladder = LADDERS[classification];
  const severed = severedBy(kind, facts.taint);
  const explain = [`${classification} (${severity}${kind === undefined ? '' : `, ${kind}`})`];
  const wishes = (input.actions ?? []).map((item): Wish => (typeof item === 'string' ? { action: item } : item));
  const limits = new Map(wishes.map((wish) => [wish.action, wish]));

  const { stages, skipped } = rankStages(classification, ladder.stages, input.statistics ?? []);
  for (const { purpose, reason } of skipped) explain.push(`not "${purpose}": ${reason}`);
  const rungs: Rung[] = [];
  for (const [number, stage] of withWishes(wishes, stages).entries()) {
    const taken = stage.actions.filter((action) => {
      const reason = refusalOf(action, facts, severed);
      if (reason !== undefined) explain.push(`not ${action}: ${reason}`);
      return reason === undefined;
    });
    // What only prepares is pointless when the action that it prepared for is refused.
    const whole = taken.some((action) => !isPreparation(action)) || stage.actions.every(isPreparation);
    if (taken.length > 0 && !whole) explain.push(`not ${taken.join(', ')}: nothing is left to prepare for`);
    else rungs.push(...taken.map((action, i) => rung(action, number, stage, i === taken.length - 1, limits, facts)));
  }
  const kept = withinBudget(rungs, budget, explain);
  if (kept.length === 0) explain.push('nothing can be done');
  return { rungs: kept, afterwards: afterwardsOf(ladder.afterwards, input, explain), budget, explain };
}

/**
 * A pattern's actions come first, but for stages that only look or hold still: what all tasks do is lost afterwards. From the ladder remain the
 * stages that go further than the pattern did: a wish can shorten the gentle part but never take away the last resort.
 */
function withWishes(wishes: readonly Wish[], stages: readonly Stage[]): readonly Stage[] {
  if (wishes.length === 0) return stages;
  const costs = wishes.map(({ action }) => ACTION_TABLE[action].cost);
  const own = split(wishes.map(({ action }) => action));
  const asked = new Set(wishes.map(({ action }) => action));
  const looks = stages.filter(({ actions }) =>
    actions.every((action) => ACTION_TABLE[action].looks && !asked.has(action)),
  );
  // What makes the guest stand still waits until nothing gentle is left to do.
  const still = looks.filter((stage) => costOf(stage) >= STANDS_STILL);
  const renewal = own.findIndex(({ actions }) => actions.some(renews));
  const [gentle, renewing] = renewal < 0 ? [own, []] : [own.slice(0, renewal), [...still, ...own.slice(renewal)]];
  const rest = stages.filter((stage) => costOf(stage) > Math.max(...costs));
  return [...looks.filter((stage) => !still.includes(stage)), ...gentle, ...renewing, ...rest];
}

/** Cost from which on an action stops the guest. */
const STANDS_STILL = 6;
const costOf = (stage: Stage): number => Math.max(...stage.actions.map((action) => ACTION_TABLE[action].cost));

/** Cuts before each action that renews the guest: such a one is a stage of its own. */
function split(actions: readonly Action[]): Stage[] {
  const stages: Action[][] = [];
  let mending: Action[] | undefined;
  for (const action of [...new Set(actions)]) {
    if (renews(action)) {
      stages.push([action]);
      mending = undefined;
    } else if (mending === undefined) {
      mending = [action];
      stages.push(mending);
    } else {
      mending.push(action);
    }
  }
  return stages.map((list) => ({ purpose: 'asked for by the pattern', actions: list }));
}

const renews = (action: Action): boolean => ACTION_TABLE[action].cost >= 7;
const isPreparation = (action: Action): boolean => ACTION_TABLE[action].optional;

function rung(
  action: Action,
  number: number,
  { purpose, actions }: Stage,
  last: boolean,
  limits: ReadonlyMap<Action, Wish>,
  { attempts: earlier }: Facts,
): Rung {
  const row = ACTION_TABLE[action];
  const wish = limits.get(action);
  const left = Math.max(1, row.attempts - (earlier[action] ?? 0));
  return {
    action,
    params: {},
    stage: number,
    reason: purpose,
    attempts: Math.min(wish?.attempts ?? row.attempts, left),
    timeoutMs: wish?.timeoutSeconds === undefined ? row.timeoutMs : wish.timeoutSeconds * 1000,
    verify: last && !actions.every((one) => ACTION_TABLE[one].looks),
    optional: row.optional,
  };
}

/** The strongest rungs are the ones to keep: a recovery that runs out must have tried them. The last one is verified. */
function withinBudget(rungs: readonly Rung[], budget: Budget, explain: string[]): Rung[] {
  const room = Math.max(0, Math.floor(budget.actions));
  const kept = room === 0 ? [] : rungs.slice(-room);
  const dropped = rungs.slice(0, rungs.length - kept.length);
  for (const { action } of dropped) explain.push(`not ${action}: the budget has room for ${room} actions`);
  return kept.map((one, i) => (i === kept.length - 1 ? { ...one, verify: true } : one));
}

function afterwardsOf(actions: readonly Action[], { facts }: PlanInput, explain: string[]): Rung[] {
  const { allowed, earlier = 0 } = facts;
  const repeated = earlier >= LASTING_AFTER;
  if (repeated) explain.push(`isolate-test: the same failure came back after ${earlier} recoveries`);
  const isolate = { action: 'isolate-test', reason: `the same failure came back after ${earlier} recoveries` } as const;
  const all = [
    ...actions.map((action) => ({ action, reason: 'the guest is healthy again' })),
    ...(repeated ? [isolate] : []),
  ];
  return all
    .filter(({ action }) => allowed === undefined || allowed.includes(action))
    .map(({ action, reason }) => {
      const { timeoutMs } = ACTION_TABLE[action];
      return { action, params: {}, stage: -1, reason, attempts: 1, timeoutMs, verify: false, optional: true };
    });
}
