import type { Kind } from '../../model/kinds.ts';
import { type NameMatcher, nameMatcher } from '../name-match.ts';

/**
 * A step of the search for the frame to blame: read a stack, or skip to the instruction pointer, to `Call Trace:`, to a name behind
 * `at:` or behind an address, to what a headline says, to one of some waypoints.
 */
export type PlanStep = 'stack' | 'ip' | 'ip-or-interrupt' | 'trace' | 'at' | 'pc' | `says:${string}` | `way:${string}`;

/** What must follow on a later line. `as` names the word caught, for the title. */
export type Need =
  | { readonly way: string; readonly as?: string }
  | { readonly mark: 'at' | 'pc'; readonly as: string }
  | { readonly mark: 'source' }
  | { readonly nextLine: string };

export interface FormatSpec {
  /** Row of the statement table that gives the format its place. */
  readonly says: string;
  /** `{F}` is the blamed frame (`{F2}` the second), `{word}` a field of the statement or a word caught by `needs`. */
  readonly title: string;
  readonly kind: Kind | ((fields: Readonly<Record<string, string>>) => Kind);
  readonly alt?: readonly string[];
  /** The statement that must be said somewhere, if it is not `says` itself; its line starts the plan. */
  readonly says2?: string;
  readonly needs?: readonly Need[];
  readonly plan?: readonly PlanStep[];
  readonly fallback?: readonly PlanStep[];
  /** A third plan, which the default profile has and the syzkaller profile has not; instead of `CRASH` it is `TRACE`. */
  readonly better?: readonly PlanStep[];
  readonly skip?: string;
  readonly pick?: 'stall' | 'hung';
  /** A wording that syzbot's parser does not know: only the default profile names it. */
  readonly ours?: true;
  /** No stack trace is required. */
  readonly traceless?: true;
  /** The title alone shows that the report lost its essence. */
  readonly broken?: true;
  /** The report lost its essence when this word is empty. */
  readonly brokenWithout?: string;
}

export interface Format extends FormatSpec {
  readonly skips: NameMatcher;
}

export function formats(...specs: readonly FormatSpec[]): readonly Format[] {
  return specs.map((spec) => ({ ...spec, skips: nameMatcher(spec.skip ?? '') }));
}

/** Where a CPU was caught: at its instruction pointer, else in the stack below. */
export const CRASH: readonly PlanStep[] = ['ip', 'trace', 'stack'];
export const TRACE: readonly PlanStep[] = ['trace', 'stack'];
/** A `WARN` shows the instruction pointer and the stack without a title between; older kernels show the stack only. */
export const WARN = { plan: ['ip-or-interrupt', 'stack'], fallback: ['trace', 'stack'] } as const;
export const BAD = 'bad-access in {F}';
