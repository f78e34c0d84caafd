import type { Classification } from '../model/classification.ts';
import type { Match } from '../model/event.ts';
import { KINDS, type Kind } from '../model/kinds.ts';
import { probabilityOf } from './confidence.ts';
import { featuresOf } from './features.ts';
import { type Known, Neighbours } from './neighbours.ts';
import type { Unmatched } from './subject.ts';

/** From here on the nearest known crashes are believed. */
const PROPOSED_FROM = 0.8;
const NAMED = 3;

/**
 * What is said of findings that no pattern matches: the classification of the nearest known crashes where they are near enough, else
 * what the kind's own row says, which may be `unknown`. The three nearest are named either way.
 */
export function createUnknown(known: readonly Known<Classification>[]): (finding: Unmatched) => Match {
  const neighbours = new Neighbours(known);
  return (finding) => {
    const row = KINDS[finding.kind as Kind] as (typeof KINDS)[Kind] | undefined;
    const severity = row?.severity ?? 'major';
    const vote = neighbours.vote(featuresOf(finding));
    const probability = vote === undefined ? 0 : probabilityOf(vote.score);
    const nearest = vote?.nearest.filter(({ likeness }) => likeness > 0).slice(0, NAMED) ?? [];
    const names = nearest.map(({ known: { id }, likeness }) => `${id} (${likeness.toFixed(2)})`).join(', ');
    const seen = names === '' ? 'nothing like it is known' : `the nearest known are ${names}`;
    if (vote !== undefined && probability >= PROPOSED_FROM) {
      const { classification } = vote;
      const explain = `no pattern; ${seen}`;
      return {
        pattern: `nearest:${nearest[0]?.known.id}`,
        confidence: probability,
        classification,
        severity,
        actions: [],
        explain,
      };
    }
    const classification = row?.classification ?? 'unknown';
    const explain = `no pattern; the default of the kind; ${seen}`;
    return { pattern: `kind:${finding.kind}`, confidence: 0.5, classification, severity, actions: [], explain };
  };
}
