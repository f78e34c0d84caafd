import type { LockAct } from '../model/trace.ts';
import { BoundedMap } from './bounded.ts';

/** What is known of a kind of lock. */
export interface LockClass {
  readonly name: string;
  /** Taking it raises the preempt depth (a spinlock), or does not, so that it may sleep. Null: not seen yet. */
  sleeps: boolean | null;
  /** Uses in the two kinds of interrupts, and with them on: one of both is one too many. */
  inInterrupt: Partial<Record<Interrupt, LockAct>>;
  withInterrupts: Partial<Record<Interrupt, LockAct>>;
}
export type Interrupt = 'hardirq' | 'softirq';
export const INTERRUPTS: readonly Interrupt[] = ['hardirq', 'softirq'];

const MAX_CLASSES = 1024;
const MAX_INTERRUPTING = 64;

/** The kinds of locks of a trace and how they are used. A single use proves what it shows: losses take nothing from it. */
export class LockClasses {
  readonly #classes = new BoundedMap<string, LockClass>(MAX_CLASSES);
  /** Those that were used in an interrupt: few, where a trace is what it should be. */
  readonly interrupting = new Set<LockClass>();
  /** Some lock raised the preempt depth: this kernel counts it. */
  countsDepth = false;
  /** The least depth of a task seen: some kernels count the trace event itself. */
  baseDepth = 15;

  of(name: string): LockClass {
    let known = this.#classes.get(name);
    if (known === undefined) {
      known = { name, sleeps: null, inInterrupt: {}, withInterrupts: {} };
      this.#classes.set(name, known);
    }
    return known;
  }

  values(): IterableIterator<LockClass> {
    return this.#classes.values();
  }

  /** Another boot: how a lock is made stays, what was done with it does not. */
  reset(): void {
    this.interrupting.clear();
    for (const known of this.#classes.values()) {
      known.inInterrupt = {};
      known.withInterrupts = {};
    }
  }

  /** An acquisition, with the attempt before it where nothing came between. Returns true when a bit of use is new. */
  acquired(act: LockAct, attempt: LockAct | null): boolean {
    const known = this.of(act.class);
    if (attempt !== null && attempt.lock.low === act.lock.low) {
      const raised = act.depth > attempt.depth;
      if (raised) this.countsDepth = true;
      if (known.sleeps !== !raised) known.sleeps = known.sleeps === null ? !raised : false;
    }
    const isNew = INTERRUPTS.filter((interrupt) => use(known, interrupt, act)).length > 0;
    if (isNew && act.context !== 'task' && this.interrupting.size < MAX_INTERRUPTING) this.interrupting.add(known);
    return isNew;
  }
}

function use(known: LockClass, interrupt: Interrupt, act: LockAct): boolean {
  const uses =
    act.context === interrupt ? known.inInterrupt : interruptible(act, interrupt) ? known.withInterrupts : null;
  if (uses === null || uses[interrupt] !== undefined) return false;
  uses[interrupt] = act;
  return true;
}

/** The interrupt could come while the lock is held. */
function interruptible(act: LockAct, interrupt: Interrupt): boolean {
  if (act.context === 'nmi' || act.context === 'hardirq' || act.irqsOff) return false;
  return interrupt === 'hardirq' || (act.context === 'task' && !act.bhOff);
}
