import type { Match } from '../model/event.ts';
import { type Compiled, hitsOf } from './compiled.ts';
import type { Pattern } from './pattern.ts';
import { type Hit, rank } from './ranking.ts';
import { type Moment, SequenceState, type StepFound } from './sequence.ts';
import { findingSubject, type OtherEvent, otherSubject, type Subject, type Unmatched } from './subject.ts';
import type { UnitIndex } from './unit-index.ts';

/** A pattern that an event completed which is no finding and cannot carry the match itself. */
export interface Raised {
  readonly pattern: Pattern;
  readonly match: Match;
}

/** Matching in time, as the pipeline sees it. */
export type Matching = Pick<MatchRun, keyof MatchRun>;

/** What is raised by events that come all the time is raised once in so many seconds. */
const RAISE_AGAIN_S = 60;

/**
 * Matching over the events of one run. What it knows comes from the events and their times alone, so that the same events in the
 * same order give the same matches; what it keeps is bounded by the patterns, not by the run.
 */
export class MatchRun {
  readonly #index: () => UnitIndex<Compiled>;
  readonly #states = new Map<Pattern, SequenceState>();
  readonly #raised = new Map<Pattern, number>();

  constructor(index: () => UnitIndex<Compiled>) {
    this.#index = index;
  }

  /** The patterns that a finding satisfies, the most specific first. One that is not final is no step of a sequence yet. */
  finding(finding: Unmatched, text: string | undefined, at: Moment): Match[] {
    const subject = findingSubject(finding, text);
    const candidates = this.#index().candidates(subject);
    const completed = finding.final ? this.#advance(candidates, subject, at) : [];
    return rank([...hitsOf(candidates, subject), ...completed], finding.corrupted);
  }

  /** What another event completes. */
  other(event: OtherEvent, at: Moment): Raised[] {
    if (!this.#index().watches(event.event)) return [];
    const subject = otherSubject(event);
    const candidates = this.#index().candidates(subject);
    if (candidates.length === 0) return [];
    const hits = [...hitsOf(candidates, subject), ...this.#advance(candidates, subject, at)];
    const due = hits.filter(({ pattern }) => this.#mayRaise(pattern, at.seconds));
    return due.flatMap((hit) => rank([hit], false).map((match) => ({ pattern: hit.pattern, match })));
  }

  /** The machine begins anew; its clocks, tasks and CPUs are others from here on. */
  boundary(): void {
    for (const state of this.#states.values()) state.boundary();
    this.#raised.clear();
  }

  #advance(candidates: readonly Compiled[], subject: Subject, at: Moment): Hit[] {
    const steps = new Map<Pattern, Map<number, StepFound>>();
    const owners = new Map<Pattern, Compiled>();
    for (const unit of candidates) {
      const found = unit.step === undefined ? undefined : unit.check(subject);
      if (found === undefined || unit.step === undefined) continue;
      const own = steps.get(unit.pattern) ?? new Map<number, StepFound>();
      steps.set(unit.pattern, own.set(unit.step, found));
      owners.set(unit.pattern, unit);
    }
    return [...owners].flatMap(([pattern, { actions }]) => {
      const completed = this.#state(pattern).advance(steps.get(pattern) ?? new Map(), subject, at);
      return completed === undefined ? [] : [{ pattern, actions, ...completed }];
    });
  }

  #state(pattern: Pattern): SequenceState {
    const state = this.#states.get(pattern) ?? new SequenceState(pattern.match);
    this.#states.set(pattern, state);
    return state;
  }

  #mayRaise(pattern: Pattern, now: number): boolean {
    const last = this.#raised.get(pattern);
    if (last !== undefined && now >= last && now - last < RAISE_AGAIN_S) return false;
    this.#raised.set(pattern, now);
    return true;
  }
}
