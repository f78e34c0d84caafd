import { EVENT_SCHEMA, type Finding } from '../model/event.ts';
import { createMatcher, type Matcher } from './match.ts';
import type { Pattern, Sample } from './pattern.ts';
import type { FindingSample } from './sample-schema.ts';

/** A finding with the text of its report, as the matcher gets it from a live console. */
export interface ReadFinding {
  readonly finding: Finding;
  readonly text: string;
}

/** Turns kernel log text into findings: the same reader that live consoles go through. */
export type ReadFindings = (log: string) => readonly ReadFinding[];

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
      const findings =
        sample.finding === undefined ? readFindings(sample.text) : [{ finding: complete(sample.finding), text: '' }];
      const winners = findings.map(({ finding, text }) => matcher.match(finding, text)[0]?.pattern);
      const won = winners.includes(pattern.id);
      const ok = won === (kind === 'sample');
      const detail = ok ? '' : describe(kind, findings, winners);
      return { pattern: pattern.id, kind, number: i + 1, origin: sample.origin, ok, detail };
    });
  return [...check('sample', pattern.samples), ...check('counterSample', pattern.counterSamples)];
}

/** The members that a matcher asks for, with the defaults of a finding that is not from a log. */
function complete({ frame = '', context = {}, details = {}, ...rest }: FindingSample): Finding {
  return {
    schema: EVENT_SCHEMA,
    id: '',
    seq: 0,
    time: {},
    evidence: [],
    source: { stream: 'ftrace', line: 1, endLine: 1 },
    severity: 'info',
    final: true,
    altTitles: [],
    type: '',
    guiltyFile: '',
    corrupted: false,
    corruptedReason: '',
    panicked: false,
    fingerprint: '',
    fingerprintInputs: [],
    stacks: [],
    matches: [],
    related: [],
    frame,
    context,
    details,
    ...rest,
  };
}

function describe(
  kind: SampleResult['kind'],
  findings: readonly ReadFinding[],
  winners: readonly (string | undefined)[],
): string {
  if (findings.length === 0) return 'no finding was read from the text';
  const seen = findings.map(
    ({ finding }, i) => `${finding.kind} "${finding.title}" won by ${winners[i] ?? 'no pattern'}`,
  );
  return `${kind === 'sample' ? 'not matched' : 'matched'}: ${seen.join('; ')}`;
}
