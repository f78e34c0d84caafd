import type { LockAct } from '../model/trace.ts';

/** `inner` was asked for while `outer` was held, and `guards` beside it. */
export interface LockEdge {
  readonly outer: LockAct;
  readonly inner: LockAct;
  readonly guards: readonly LockAct[];
  /** Who: two edges of one thread make no deadlock. */
  readonly thread: number;
}

/** Edges in a circle: the inner lock of each is the outer one of the next. */
export type LockCycle = readonly LockEdge[];

const MAX_CLASSES = 1024;
/** Witnesses kept of one pair of classes: of different threads, modes or guards. */
const MAX_WITNESSES = 4;
const MAX_EDGES = 8192;
const MAX_LENGTH = 6;
/** Paths looked at for one new witness: cycles beyond are found with another. */
const MAX_STEPS = 4096;

/**
 * The order in which kinds of locks are taken, as a graph. A circle in it is a deadlock that can happen when its edges are of
 * different threads, have no lock in common that lets only one of them in at a time, and readers do not just meet readers
 * (Goodlock, and the dependencies of kernel/locking/lockdep.c).
 */
export class LockGraph {
  readonly #edges = new Map<string, Map<string, LockEdge[]>>();
  #count = 0;
  /** Edges for which there was no room. */
  left = 0;

  get edges(): number {
    return this.#count;
  }

  get classes(): number {
    return this.#edges.size;
  }

  /** Adds what was seen; returns the cycles that it closes. */
  add(edge: LockEdge): LockCycle[] {
    const from = edge.outer.class;
    const to = edge.inner.class;
    let targets = this.#edges.get(from);
    if (targets === undefined) {
      if (this.#edges.size >= MAX_CLASSES) {
        this.left += 1;
        return [];
      }
      targets = new Map();
      this.#edges.set(from, targets);
    }
    const known = targets.get(to);
    if (known !== undefined && (known.length >= MAX_WITNESSES || known.some((each) => sameWitness(each, edge))))
      return [];
    if (this.#count >= MAX_EDGES) {
      this.left += 1;
      return [];
    }
    this.#count += 1;
    if (known === undefined) targets.set(to, [edge]);
    else known.push(edge);
    return this.#cyclesThrough(edge);
  }

  /** Classes that can be reached from one, with the first edge of the way to each. */
  *reachable(from: string): Generator<readonly LockEdge[]> {
    const seen = new Set([from]);
    const queue: LockEdge[][] = [[]];
    for (let path = queue.shift(); path !== undefined; path = queue.shift()) {
      const at = path.at(-1)?.inner.class ?? from;
      if (path.length > 0) yield path;
      for (const [to, [edge]] of this.#edges.get(at) ?? []) {
        if (edge === undefined || seen.has(to)) continue;
        seen.add(to);
        queue.push([...path, edge]);
      }
    }
  }

  reset(): void {
    this.#edges.clear();
    this.#count = 0;
  }

  #cyclesThrough(first: LockEdge): LockCycle[] {
    const cycles: LockCycle[] = [];
    let steps = 0;
    const walk = (path: readonly LockEdge[]): void => {
      const last = path[path.length - 1] as LockEdge;
      for (const [to, witnesses] of this.#edges.get(last.inner.class) ?? []) {
        const closes = to === first.outer.class;
        if (!closes && path.some((edge) => edge.outer.class === to)) continue;
        for (const edge of witnesses) {
          if (++steps > MAX_STEPS) return;
          if (!path.every((each) => compatible(each, edge)) || !meet(last, edge)) continue;
          if (closes) {
            if (meet(edge, first)) cycles.push([...path, edge]);
          } else if (path.length + 1 < MAX_LENGTH) {
            walk([...path, edge]);
          }
        }
      }
    };
    walk([first]);
    return cycles;
  }
}

function sameWitness(one: LockEdge, other: LockEdge): boolean {
  return (
    one.thread === other.thread &&
    one.outer.mode === other.outer.mode &&
    one.inner.mode === other.inner.mode &&
    one.guards.length === other.guards.length &&
    one.guards.every((guard, at) => guard.lock.low === other.guards[at]?.lock.low)
  );
}

/** The two can happen at the same time: no lock that both hold keeps one of them out. */
function compatible(one: LockEdge, other: LockEdge): boolean {
  if (one.thread === other.thread && isAlone(one)) return false;
  return !one.guards.some((guard) =>
    other.guards.some((gate) => gate.lock.low === guard.lock.low && !(gate.mode === 'R' && guard.mode === 'R')),
  );
}

/**
 * A system call's code can be run by another task at the same time, though this time one task ran it twice: one thread's circle
 * counts, unless the thread is the only one to run its code. Kernel threads are named with a slash, programs never.
 */
function isAlone({ inner: { comm, context } }: LockEdge): boolean {
  return context !== 'task' || comm.includes('/');
}

/** Who asks for the lock has to wait for who holds it. */
function meet({ inner }: LockEdge, { outer }: LockEdge): boolean {
  return !(inner.mode === 'R' && outer.mode === 'R');
}
