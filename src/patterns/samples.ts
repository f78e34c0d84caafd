import type { Finding } from '../model/event.ts';
import { createMatcher, type Matcher } from './match.ts';
import type { Pattern, Sample } from './pattern.ts';

/** Turns kernel log text into findings: the same reader that live consoles go through. */
export type ReadFindings = (text: string) => readonly Finding[];

export interface SampleResult {
  readonly pattern: string;
  readonly kind: 'sample' | 'counterSample';
  /** Position in its list, from 1. */
  readonly number: number;
  readonly origin: string;
  readonly ok: boolean;
  /** What was found instead; empty when ok. */
  readonly detail: string;
}

/**
 * Runs every sample of a pattern through a reader. A sample must yield a finding that the pattern matches and, when the whole
 * library is given, wins; no finding of a counter-sample may be won (alone: matched) by it.
 */
export function checkSamples(pattern: Pattern, readFindings: ReadFindings, library?: Matcher): SampleResult[] {
  const matcher = library ?? createMatcher([pattern]);
  const check = (kind: SampleResult['kind'], samples: readonly Sample[]): SampleResult[] =>
    samples.map((sample, i) => {
      const findings = readFindings(sample.text);
      const winners = findings.map((finding) => matcher.match(finding, sample.text)[0]?.pattern);
      const won = winners.includes(pattern.id);
      const ok = won === (kind === 'sample');
      const detail = ok ? '' : describe(kind, findings, winners);
      return { pattern: pattern.id, kind, number: i + 1, origin: sample.origin, ok, detail };
    });
  return [...check('sample', pattern.samples), ...check('counterSample', pattern.counterSamples)];
}

function describe(
  kind: SampleResult['kind'],
  findings: readonly Finding[],
  winners: readonly (string | undefined)[],
): string {
  if (findings.length === 0) return 'no finding was read from the text';
  const seen = findings.map((finding, i) => `${finding.kind} "${finding.title}" won by ${winners[i] ?? 'no pattern'}`);
  return `${kind === 'sample' ? 'not matched' : 'matched'}: ${seen.join('; ')}`;
}
