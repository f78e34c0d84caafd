import { atLeast, type Severity } from '../model/classification.ts';
import type { TestResult } from '../model/test-run.ts';

/** How the work of a test ended, whatever the guest's log says meanwhile. */
export type BodyEnd =
  | { readonly end: 'right' }
  | { readonly end: 'wrong'; readonly wrong: readonly string[] }
  | { readonly end: 'cannot'; readonly why: string }
  /** It was right, and what it was to endure never happened. */
  | { readonly end: 'unmet'; readonly why: string }
  /** It has not come back within its time. `stuck`: inside the kernel, by the state of its task. */
  | { readonly end: 'late'; readonly limitMs: number; readonly stuck: boolean }
  /** What carries commands to the guest failed. */
  | { readonly end: 'broken'; readonly why: string }
  | { readonly end: 'interrupted' };

export interface FoundIn {
  readonly title: string;
  readonly severity: Severity;
}

export interface FaultSeen {
  readonly classification: string;
  readonly outcome: string;
  readonly title: string;
  /** Longest recovery of it beyond what the guest took to boot or to be restored, milliseconds. */
  readonly recoveryMs: number;
}

/** All that was seen of a test. */
export interface Observed {
  readonly body: BodyEnd;
  /** Findings of the test, complete ones. */
  readonly findings: readonly FoundIn[];
  /** The guest at the end of it: as before, mended, or gone for good. */
  readonly guest: 'well' | 'recovered' | 'lost';
  /** Detectors that fired before and are silent since. */
  readonly disarmed: readonly string[];
  /** Why silence of the kernel's log says nothing this time. */
  readonly unheard?: readonly string[];
  /** What became of a fault that was put in on purpose; absent: nothing was noticed. */
  readonly fault?: FaultSeen;
}

/** Least severity of a finding that a test fails for. */
const FAILS_AT: Severity = 'major';

type Rule = (observed: Observed) => TestResult | undefined;

/** In this order: what the kernel says counts before what a program says, for a program that fell over a crash is no witness. */
const RULES: readonly Rule[] = [
  ({ body }) =>
    body.end === 'interrupted' ? { verdict: 'ERROR', culprit: 'harness', reason: 'interrupted' } : undefined,
  ({ findings }) => {
    const bad = findings.filter(({ severity }) => atLeast(severity, FAILS_AT));
    const [first] = bad;
    return first && { verdict: 'FAIL', culprit: 'code', reason: `${first.title}${andMore(bad.length)}` };
  },
  ({ body }) => (body.end === 'cannot' ? { verdict: 'SKIP', reason: body.why } : undefined),
  ({ body }) =>
    body.end === 'wrong'
      ? { verdict: 'FAIL', culprit: 'code', reason: `${body.wrong[0] ?? 'wrong'}${andMore(body.wrong.length)}` }
      : undefined,
  ({ body }) =>
    body.end === 'late' && body.stuck
      ? { verdict: 'FAIL', culprit: 'code', reason: `stuck inside the kernel after ${body.limitMs / 1000} s` }
      : undefined,
  ({ guest }) =>
    guest === 'lost' ? { verdict: 'ERROR', culprit: 'harness', reason: 'the guest went away' } : undefined,
  ({ body }) =>
    body.end === 'late'
      ? { verdict: 'ERROR', culprit: 'harness', reason: `not done within ${body.limitMs / 1000} s` }
      : undefined,
  ({ body }) => (body.end === 'broken' ? { verdict: 'ERROR', culprit: 'harness', reason: body.why } : undefined),
  ({ body }) => (body.end === 'unmet' ? { verdict: 'MISS', culprit: 'harness', reason: body.why } : undefined),
  ({ disarmed }) =>
    disarmed.length > 0
      ? { verdict: 'MISS', culprit: 'harness', reason: `no longer armed: ${disarmed.join(', ')}` }
      : undefined,
  ({ unheard = [] }) =>
    unheard.length > 0 ? { verdict: 'MISS', culprit: 'harness', reason: unheard.join(', ') } : undefined,
];

/** The verdict on a test of the code. */
export function judge(observed: Observed): TestResult {
  for (const rule of RULES) {
    const result = rule(observed);
    if (result !== undefined) return result;
  }
  return { verdict: 'PASS', reason: '' };
}

/** The verdict on a fault that was put in on purpose: noticed, called by a name that fits, mended, and in time. The tool is to blame for the rest. */
export function judgeFault(
  { body, guest, fault }: Observed,
  expects: readonly string[],
  recoveryLimitMs: number,
): TestResult {
  const failed = (reason: string): TestResult => ({ verdict: 'FAIL', culprit: 'tool', reason });
  if (body.end === 'interrupted') return { verdict: 'ERROR', culprit: 'harness', reason: 'interrupted' };
  if (body.end === 'cannot') return { verdict: 'SKIP', reason: body.why };
  if (guest === 'lost') return failed('the guest was not brought back');
  if (fault === undefined) {
    return body.end === 'broken'
      ? { verdict: 'ERROR', culprit: 'harness', reason: body.why }
      : failed('nothing was noticed');
  }
  const { classification, outcome, title, recoveryMs } = fault;
  if (outcome !== 'recovered') return failed(`${outcome}: ${title}`);
  if (!expects.includes(classification))
    return failed(`called ${classification}, not ${expects.join(' or ')}: ${title}`);
  if (recoveryMs > recoveryLimitMs)
    return failed(
      `mended after ${seconds(recoveryMs)} beyond the boot, more than ${seconds(recoveryLimitMs)}: ${title}`,
    );
  return { verdict: 'PASS', reason: `${classification}: ${title}` };
}

function andMore(count: number): string {
  return count > 1 ? ` and ${count - 1} more` : '';
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
