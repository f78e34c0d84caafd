import { createMatcher, type Matcher } from '../patterns/match.ts';
import type { Pattern, Sample } from '../patterns/pattern.ts';
import { type Matched, matchRecorded } from './recorded-log.ts';
import { recordSample } from './recorded-sample.ts';

export interface SampleResult {
  readonly pattern: Pattern;
  readonly kind: 'sample' | 'counterSample';
  /** Position in its list, from 1. */
  readonly number: number;
  readonly origin: string;
  readonly ok: boolean;
  /** As `winnersIn` tells it. */
  readonly won: string;
  /** What was found instead; empty when ok. */
  readonly detail: string;
}

/**
 * Runs every sample of a pattern through the reader of logs. A sample must yield an event that the pattern matches and, of the
 * whole library, wins; no event of a counter-sample may be won by it.
 */
export function checkSamples(pattern: Pattern, library: Matcher = createMatcher([pattern])): SampleResult[] {
  const check = (kind: SampleResult['kind'], samples: readonly Sample[]): SampleResult[] =>
    samples.map((sample, i) => {
      const seen = matchRecorded(recordSample(sample), library);
      const won = winnersIn(seen);
      const ok = won.split(' ').includes(pattern.id) === (kind === 'sample');
      const detail = ok ? '' : describe(kind, seen);
      return { pattern, kind, number: i + 1, origin: sample.origin, ok, won, detail };
    });
  return [...check('sample', pattern.samples), ...check('counterSample', pattern.counterSamples)];
}

/** Who wins each finding, and what is raised, in order, with blanks between; `-` where nobody does. */
export function winnersIn(seen: readonly Matched[]): string {
  return toldOf(seen)
    .map(({ matches }) => matches[0]?.pattern ?? '-')
    .join(' ');
}

const toldOf = (seen: readonly Matched[]): readonly Matched[] =>
  seen.filter(({ step, matches }) => step.kind === 'finding' || matches.length > 0);

function describe(kind: SampleResult['kind'], seen: readonly Matched[]): string {
  const told = toldOf(seen);
  if (told.length === 0) return 'no finding was read from the text';
  const words = told.map(({ step, matches }) => {
    const name = step.kind === 'finding' ? `${step.finding.kind} "${step.finding.title}"` : step.event.kind;
    return `${name} won by ${matches[0]?.pattern ?? 'no pattern'}`;
  });
  return `${kind === 'sample' ? 'not matched' : 'matched'}: ${words.join('; ')}`;
}
