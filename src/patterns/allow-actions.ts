import type { Action } from '../model/classification.ts';
import type { Matcher } from './match.ts';

/**
 * A matcher whose patterns ask for no action but those that the operator allows. Matches stay as they are, so that a replay gives the
 * events that were live; what the ladder of a classification does is not the patterns' to say, and stays.
 */
export function allowActions(matcher: Matcher, allowed: ReadonlySet<Action>): Matcher {
  return {
    ...matcher,
    pattern(id) {
      const pattern = matcher.pattern(id);
      return pattern && { ...pattern, actions: pattern.actions.filter(({ action }) => allowed.has(action)) };
    },
  };
}
