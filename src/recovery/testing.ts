import fc from 'fast-check';
import { ACTIONS, type Action, CLASSIFICATIONS, SEVERITIES } from '../model/classification.ts';
import { KIND_NAMES } from '../model/kinds.ts';
import type { PlanInput } from './plan.ts';
import type { Health, Params, Performed, RecoveryTarget } from './target.ts';

/** For tests: any input of the planner, sensible or not. */
const action = fc.constantFrom<Action>(...ACTIONS);
export const planInputs: fc.Arbitrary<PlanInput> = fc.record(
  {
    classification: fc.constantFrom(...CLASSIFICATIONS),
    severity: fc.constantFrom(...SEVERITIES),
    kind: fc.constantFrom(...KIND_NAMES),
    actions: fc.array(action, { maxLength: 5 }),
    statistics: fc.array(
      fc.nat(60).chain((tries) =>
        fc.record({
          classification: fc.constantFrom(...CLASSIFICATIONS),
          action,
          tries: fc.constant(tries),
          done: fc.nat(tries),
          verified: fc.nat(tries),
          escalated: fc.nat(tries),
          meanMs: fc.nat(10_000),
        }),
      ),
    ),
    budget: fc.record({ actions: fc.nat(20), deadlineMs: fc.nat(900_000) }),
    facts: fc.record(
      {
        guestAlive: fc.boolean(),
        agentAnswers: fc.boolean(),
        snapshotAvailable: fc.boolean(),
        moduleLoaded: fc.boolean(),
        taint: fc.constantFrom('', 'G           O', 'G      D    O', 'G    B      O'),
        attempts: fc.dictionary(action, fc.nat(3)),
        allowed: fc.array(action),
        earlier: fc.nat(5),
        paused: fc.boolean(),
        agentRestarted: fc.boolean(),
        machineGone: fc.boolean(),
        noDump: fc.constant('no room'),
        noMoreMemory: fc.constant('no memory'),
      },
      { requiredKeys: ['guestAlive', 'agentAnswers', 'snapshotAvailable', 'moduleLoaded', 'taint', 'attempts'] },
    ),
  },
  { requiredKeys: ['classification', 'severity', 'facts', 'budget'] },
);

/** What ails a simulated guest, from the mildest: the actions that mend it, and those that never answer meanwhile. */
export interface Ailment {
  readonly mendedBy: readonly Action[];
  readonly hangs?: readonly Action[];
  readonly fails?: readonly Action[];
  readonly throws?: readonly Action[];
  readonly healthHangs?: boolean;
}

/**
 * A small guest with a clock of its own: actions take a second, sleeping moves the clock. Time passes only when every waiting
 * party waits, so that a test of minutes takes milliseconds.
 */
export class SimulatedGuest implements RecoveryTarget {
  readonly performed: Action[] = [];
  #now = 0;
  #mended = false;
  #timers: { readonly at: number; readonly wake: () => void }[] = [];
  #ticking = false;
  readonly #ailment: Ailment;

  constructor(ailment: Ailment) {
    this.#ailment = ailment;
  }

  now(): number {
    return this.#now;
  }

  async perform(action: Action, _params: Params, signal: AbortSignal): Promise<Performed> {
    this.performed.push(action);
    const { hangs = [], fails = [], throws = [], mendedBy } = this.#ailment;
    if (hangs.includes(action)) await new Promise(() => {});
    await this.sleep(1000, signal);
    if (throws.includes(action)) throw new Error('the connection is gone');
    if (fails.includes(action)) return { ok: false, detail: 'device is busy' };
    this.#mended ||= mendedBy.includes(action);
    return { ok: true, detail: 'done' };
  }

  async health(signal: AbortSignal): Promise<Health> {
    if (this.#ailment.healthHangs === true) await new Promise(() => {});
    await this.sleep(100, signal);
    return { ok: this.#mended, checks: [`write and read back: ${this.#mended ? 'same' : 'no answer'}`] };
  }

  sleep(ms: number, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = { at: this.#now + ms, wake: resolve };
      this.#timers.push(timer);
      signal.addEventListener('abort', () => {
        this.#timers = this.#timers.filter((one) => one !== timer);
        resolve();
      });
      this.#tick();
    });
  }

  /** The event loop turns once, so that whoever can go on does; then the earliest sleeper is woken. */
  #tick(): void {
    if (this.#ticking) return;
    this.#ticking = true;
    setImmediate(() => {
      this.#ticking = false;
      const next = this.#timers.toSorted((a, b) => a.at - b.at)[0];
      if (next === undefined) return;
      this.#timers = this.#timers.filter((one) => one !== next);
      this.#now = Math.max(this.#now, next.at);
      next.wake();
      if (this.#timers.length > 0) this.#tick();
    });
  }
}
