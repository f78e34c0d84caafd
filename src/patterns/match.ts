import { lazy } from '../base/lazy.ts';
import type { Event, Match } from '../model/event.ts';
import { compilePattern, hitsOf } from './compiled.ts';
import { type Matching, MatchRun } from './match-run.ts';
import type { Pattern } from './pattern.ts';
import { rank } from './ranking.ts';
import { findingSubject, type Unmatched } from './subject.ts';
import { UnitIndex } from './unit-index.ts';

export interface Matcher {
  readonly patterns: readonly Pattern[];
  /** Advice, limits of actions and references of a match. */
  pattern(id: string): Pattern | undefined;
  /**
   * The patterns that a finding by itself satisfies, the most specific first. `text` is the report as printed, for `text`
   * conditions; without it they see the titles and the string details. Keeps no state: the same finding gives the same matches.
   */
  match(finding: Unmatched, text?: string): Match[];
  /** How specific the match of a pattern with a finding by itself is; 0 when there is none. */
  weight(id: string, finding: Unmatched, text?: string): number;
  /** Matching in time, for one run: what has happened before is kept there. */
  begin(): Matching;
  /** Some pattern asks for events of this name, which need not be shown to a run otherwise. */
  watches(event: Event['event']): boolean;
}

/** Compiles each pattern once, when the first event of its kind comes. */
export function createMatcher(patterns: readonly Pattern[]): Matcher {
  const byId = new Map(patterns.map((pattern) => [pattern.id, pattern]));
  const index = lazy(() => new UnitIndex([...byId.values()].flatMap(compilePattern)));
  return {
    patterns: [...byId.values()],
    pattern: (id) => byId.get(id),
    match(finding, text) {
      const subject = findingSubject(finding, text);
      return rank(hitsOf(index().candidates(subject), subject), finding.corrupted);
    },
    weight(id, finding, text) {
      const subject = findingSubject(finding, text);
      const hits = hitsOf(index().candidates(subject), subject);
      return hits.find(({ pattern }) => pattern.id === id)?.weight ?? 0;
    },
    begin: () => new MatchRun(index),
    watches: (event) => index().watches(event),
  };
}
