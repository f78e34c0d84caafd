import type { Action } from '../model/classification.ts';

export interface Performed {
  readonly ok: boolean;
  /** One line for people: what was done, or why it could not be. */
  readonly detail: string;
}

export interface Health {
  readonly ok: boolean;
  /** What was looked at, each `name: what was seen`. */
  readonly checks: readonly string[];
}

export type Params = Readonly<Record<string, string | number | boolean>>;

/**
 * What recovery sees of a guest: something that can be acted upon and asked how it is. `perform` and `health` should end soon
 * after their signal is aborted; they are not waited for beyond it, because an unmount may sit in D state for ever.
 */
export interface RecoveryTarget {
  perform(action: Action, params: Params, signal: AbortSignal): Promise<Performed>;
  health(signal: AbortSignal): Promise<Health>;
  /** Milliseconds on a clock that never goes back. */
  now(): number;
  /** Resolves after that many milliseconds of the same clock, or at once when the signal is aborted. Never rejects. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}
