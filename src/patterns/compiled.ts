import { lazy } from '../base/lazy.ts';
import type { Action } from '../model/classification.ts';
import { compileCondition } from './condition.ts';
import type { Condition } from './condition-schema.ts';
import { compileExtract } from './extract.ts';
import type { Pattern } from './pattern.ts';
import type { Hit } from './ranking.ts';
import type { Subject } from './subject.ts';
import { inKernelRange } from './version.ts';

/** A condition of a pattern: all of it, or a step of its sequence. */
export interface Compiled {
  readonly pattern: Pattern;
  readonly condition: Condition;
  /** Number of the step of the sequence; undefined for a pattern of one event. */
  readonly step: number | undefined;
  readonly actions: readonly Action[];
  readonly check: (subject: Subject) => Omit<Hit, 'pattern' | 'actions'> | undefined;
}

/** The patterns of one event among the candidates that the subject satisfies. */
export function hitsOf(candidates: readonly Compiled[], subject: Subject): Hit[] {
  return candidates.flatMap(({ pattern, actions, step, check }) => {
    const found = step === undefined ? check(subject) : undefined;
    return found === undefined ? [] : [{ pattern, actions, ...found }];
  });
}

/** The conditions of a pattern. Expressions are compiled when an event comes that needs them. */
export function compilePattern(pattern: Pattern): Compiled[] {
  const { match, since, until } = pattern;
  const actions = pattern.actions.map((item) => item.action);
  const extract = lazy(() => compileExtract(pattern));
  const unit = (condition: Condition, step: number | undefined): Compiled => {
    const holds = lazy(() => compileCondition(condition));
    return {
      ...{ pattern, condition, step, actions },
      check(subject) {
        const kernel = subject.context.kernel;
        if (!inKernelRange(typeof kernel === 'string' ? kernel : undefined, since, until)) return undefined;
        const found = holds()(subject);
        return found && { weight: found.weight, explain: [...found.explain, ...extract()(subject)] };
      },
    };
  };
  return match.sequence?.map(unit) ?? [unit(match, undefined)];
}
