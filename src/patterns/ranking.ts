import { type Action, SEVERITIES } from '../model/classification.ts';
import type { Match } from '../model/event.ts';
import { confidenceOf } from './confidence.ts';
import type { Pattern } from './pattern.ts';

/** A pattern that an event satisfies: how specific that was, and in words what matched. */
export interface Hit {
  readonly pattern: Pattern;
  readonly actions: readonly Action[];
  readonly weight: number;
  readonly explain: readonly string[];
}

/** The most specific first, then the worst; ties are told. */
export function rank(hits: readonly Hit[], corrupted: boolean): Match[] {
  const sorted = hits.toSorted(
    (a, b) =>
      b.weight - a.weight ||
      SEVERITIES.indexOf(a.pattern.severity) - SEVERITIES.indexOf(b.pattern.severity) ||
      (a.pattern.id < b.pattern.id ? -1 : 1),
  );
  return sorted.map(({ pattern, actions, weight, explain }) => {
    const equals = sorted.filter((other) => other.weight === weight && other.pattern !== pattern);
    const ties = equals.map((other) => other.pattern.id).join(', ');
    return {
      pattern: pattern.id,
      confidence: confidenceOf(weight, corrupted),
      classification: pattern.classification,
      severity: pattern.severity,
      actions: [...actions],
      explain: [...explain, ...(ties === '' ? [] : [`ties with ${ties}`])].join('; '),
    };
  });
}
