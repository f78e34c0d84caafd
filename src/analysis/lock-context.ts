import type { LockAct } from '../model/trace.ts';
import { BoundedMap } from './bounded.ts';
import { INTERRUPTS, type Interrupt, type LockClass, type LockClasses } from './lock-classes.ts';
import type { LockEdge, LockGraph } from './lock-graph.ts';

/** A lock that an interrupt takes is held where the interrupt can come: it would wait for the task that it keeps from going on. */
export interface InterruptFinding {
  readonly rule: 'interrupt' | 'interrupt-order';
  readonly interrupt: Interrupt;
  /** Of the class that is taken in the interrupt. */
  readonly inside: LockAct;
  /** Of the class that is held with interrupts on. */
  readonly outside: LockAct;
  /** How one comes to the other: empty when it is the same class. */
  readonly path: readonly LockEdge[];
}

/** A lock that may sleep was asked for where nobody may. */
export interface SleepFinding {
  readonly rule: 'sleep-in-atomic';
  readonly act: LockAct;
  readonly held: readonly LockAct[];
}

const MAX_REPORTED = 1024;

/** Which locks are used in which context (the usage rules of kernel/locking/lockdep.c, and might_sleep()). */
export class LockContexts {
  readonly #classes: LockClasses;
  readonly #graph: LockGraph;
  readonly #reported = new BoundedMap<string, true>(MAX_REPORTED);

  constructor(classes: LockClasses, graph: LockGraph) {
    this.#classes = classes;
    this.#graph = graph;
  }

  /** After an acquisition has been counted; `held` are the locks held before it. */
  sleeps(act: LockAct, attempt: LockAct | null, held: readonly LockAct[]): SleepFinding[] {
    if (attempt === null || attempt.lock.low !== act.lock.low || act.trylock) return [];
    if (!this.#classes.countsDepth || this.#classes.of(act.class).sleeps !== true) return [];
    const atomic = attempt.depth > this.#classes.baseDepth || attempt.irqsOff || attempt.context !== 'task';
    return atomic && this.#once(`sleep ${act.class}`) ? [{ rule: 'sleep-in-atomic', act: attempt, held }] : [];
  }

  /** What follows from new uses and edges: looked at when one was added, which is rare. */
  interrupts(): InterruptFinding[] {
    const found: InterruptFinding[] = [];
    for (const each of this.#classes.interrupting) {
      if (each.sleeps === true) continue;
      for (const interrupt of INTERRUPTS) {
        const inside = each.inInterrupt[interrupt];
        if (inside !== undefined) found.push(...this.#unsafe(each, interrupt, inside));
      }
    }
    return found;
  }

  reset(): void {
    this.#reported.clear();
  }

  #unsafe(safe: LockClass, interrupt: Interrupt, inside: LockAct): InterruptFinding[] {
    const outside = safe.withInterrupts[interrupt];
    const own = outside === undefined || readers(inside, outside) ? [] : [{ outside, path: [] as LockEdge[] }];
    const others = [...this.#graph.reachable(safe.name)].flatMap((path) => {
      const last = path.at(-1)?.inner.class ?? '';
      const unsafe = this.#classes.of(last);
      const held = unsafe.withInterrupts[interrupt];
      return held === undefined || unsafe.sleeps === true || last === safe.name ? [] : [{ outside: held, path }];
    });
    return [...own, ...others]
      .filter((each) => this.#once(`${interrupt} ${safe.name} ${each.outside.class}`))
      .map((each) => ({
        rule: each.path.length === 0 ? ('interrupt' as const) : ('interrupt-order' as const),
        interrupt,
        inside,
        ...each,
      }));
  }

  #once(key: string): boolean {
    if (this.#reported.get(key)) return false;
    this.#reported.set(key, true);
    return true;
  }
}

/** Readers of a read-write spinlock may meet in an interrupt. */
function readers(inside: LockAct, outside: LockAct): boolean {
  return inside.mode === 'R' && outside.mode === 'R';
}
