import type { Action } from '../model/classification.ts';
import type { Plan, Rung } from './plan.ts';
import type { Health, Performed, RecoveryTarget } from './target.ts';

/** What became of one attempt at an action: the body of a `recovery` event. */
export interface RecoveryRecord {
  readonly action: Action;
  readonly result: 'ok' | 'failed' | 'skipped';
  /** A health check after it was good. */
  readonly verified: boolean;
  readonly durationMs: number;
  readonly reason: string;
  /** What the health check saw; empty when there was none. */
  readonly checks: readonly string[];
}

export type Outcome = 'recovered' | 'not-recovered' | 'not-attempted';

export interface ExecuteOptions {
  readonly signal: AbortSignal;
  readonly record: (record: RecoveryRecord) => void;
}

export const HEALTH_TIMEOUT_MS = 60_000;
const FIRST_BACKOFF_MS = 500;
const MAX_BACKOFF_MS = 8000;

/**
 * Climbs the rungs of a plan in order until a health check is good. Each attempt has a timeout within the deadline of the whole;
 * attempts are counted against the budget, and every rung is visited at most once, so this always ends. Never rejects: what a
 * target throws is a failed attempt. Everything done or left out is recorded, in order.
 */
export async function executeRecovery(plan: Plan, target: RecoveryTarget, options: ExecuteOptions): Promise<Outcome> {
  if (plan.rungs.length === 0) return 'not-attempted';
  const climb = new Climb(plan, target, options);
  for (const rung of plan.rungs) {
    if (await climb.take(rung)) {
      for (const last of plan.afterwards) await climb.take({ ...last, verify: false });
      return 'recovered';
    }
  }
  return 'not-recovered';
}

/** One recovery under way: what it has used up, and which stage has broken. */
class Climb {
  readonly #plan: Plan;
  readonly #target: RecoveryTarget;
  readonly #options: ExecuteOptions;
  readonly #end: number;
  #attempts = 0;
  #broken: { readonly stage: number; readonly action: Action } | undefined;

  constructor(plan: Plan, target: RecoveryTarget, options: ExecuteOptions) {
    this.#plan = plan;
    this.#target = target;
    this.#options = options;
    this.#end = target.now() + plan.budget.deadlineMs;
  }

  /** True when the guest was found healthy after the rung. */
  async take(rung: Rung): Promise<boolean> {
    for (let attempt = 1; attempt <= rung.attempts; attempt++) {
      const skip = this.#reasonToSkip(rung);
      if (skip !== undefined) {
        if (attempt === 1) this.#skip(rung, skip);
        return false;
      }
      this.#attempts += 1;
      const { performed, healthy } = await this.#attempt(rung, attempt);
      if (healthy) return true;
      // Done but not enough: more of the same would not help, the next rung does more.
      if (performed) return false;
      if (attempt < rung.attempts) await this.#target.sleep(this.#backoff(attempt), this.#options.signal);
    }
    if (!rung.optional) this.#broken = { stage: rung.stage, action: rung.action };
    return false;
  }

  async #attempt(rung: Rung, attempt: number): Promise<{ performed: boolean; healthy: boolean }> {
    const start = this.#target.now();
    const { action, params, timeoutMs } = rung;
    const performed = await this.#limited<Performed>(
      (signal) => this.#target.perform(action, params, signal),
      timeoutMs,
      (detail) => ({ ok: false, detail }),
    );
    // An optional action that fails still leaves the question how the guest is.
    const ask = rung.verify && (performed.ok || rung.optional);
    const health = ask ? await this.#health() : { ok: false, checks: [] };
    const again = attempt === 1 ? '' : ` (attempt ${attempt})`;
    this.#options.record({
      action,
      result: performed.ok ? 'ok' : 'failed',
      verified: health.ok,
      durationMs: this.#target.now() - start,
      reason: `${rung.reason}${again}: ${performed.detail}`,
      checks: health.checks,
    });
    return { performed: performed.ok, healthy: health.ok };
  }

  #health(): Promise<Health> {
    const failed = (detail: string): Health => ({ ok: false, checks: [`health check: ${detail}`] });
    return this.#limited((signal) => this.#target.health(signal), HEALTH_TIMEOUT_MS, failed);
  }

  #reasonToSkip({ stage, optional }: Rung): string | undefined {
    if (this.#options.signal.aborted) return 'the recovery was stopped';
    if (this.#target.now() >= this.#end) return `the deadline of ${this.#plan.budget.deadlineMs} ms has passed`;
    if (stage < 0) return undefined;
    if (this.#attempts >= this.#plan.budget.actions)
      return `the budget of ${this.#plan.budget.actions} actions is used up`;
    const broken = this.#broken;
    return broken?.stage === stage && !optional ? `${broken.action} before it failed` : undefined;
  }

  #skip({ action, reason }: Rung, why: string): void {
    this.#options.record({
      action,
      result: 'skipped',
      verified: false,
      durationMs: 0,
      reason: `${reason}: ${why}`,
      checks: [],
    });
  }

  /** Waits for work, its timeout, the deadline or the caller's signal, whichever comes first. */
  async #limited<T>(
    work: (signal: AbortSignal) => Promise<T>,
    timeoutMs: number,
    failed: (why: string) => T,
  ): Promise<T> {
    const left = Math.max(0, Math.min(timeoutMs, this.#end - this.#target.now()));
    const { signal } = this.#options;
    const stop = new AbortController();
    const timer = new AbortController();
    const cancel = (): void => timer.abort();
    signal.addEventListener('abort', cancel, { once: true });
    if (signal.aborted) cancel();
    let settled = false;
    const late = this.#target.sleep(left, timer.signal).then(() => {
      const why = signal.aborted ? 'stopped' : `no answer within ${Math.round(left)} ms`;
      if (!settled) stop.abort(new Error(why));
      return failed(why);
    });
    try {
      return await Promise.race([settle(work, stop.signal, failed), late]);
    } finally {
      settled = true;
      signal.removeEventListener('abort', cancel);
      cancel();
    }
  }

  #backoff(attempt: number): number {
    return Math.max(0, Math.min(FIRST_BACKOFF_MS * 2 ** (attempt - 1), MAX_BACKOFF_MS, this.#end - this.#target.now()));
  }
}

async function settle<T>(
  work: (signal: AbortSignal) => Promise<T>,
  signal: AbortSignal,
  failed: (why: string) => T,
): Promise<T> {
  try {
    return await work(signal);
  } catch (error) {
    return failed(error instanceof Error ? error.message : String(error));
  }
}
