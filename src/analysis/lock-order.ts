import type { LockAct } from '../model/trace.ts';
import { BoundedMap } from './bounded.ts';
import { type LockCycle, type LockEdge, LockGraph } from './lock-graph.ts';
import { type Owner, UNKNOWN } from './owners.ts';

/** `low`: one thread ran both ways, or events were lost around them. */
export type Confidence = 'high' | 'medium' | 'low';

export interface OrderFinding {
  readonly cycle: LockCycle;
  readonly classes: readonly string[];
  readonly confidence: Confidence;
}

/** Edges of an owner that may have held more than was seen. */
const MAX_DOUBTFUL = 64;
const MAX_OWNERS = 1024;
const MAX_REPORTED = 1024;
/** A lock held through a loss would have been let go of by then. */
const SETTLE_SECONDS = 2;

/** Lock order that can deadlock, told once for each set of classes. */
export class LockOrder {
  readonly graph = new LockGraph();
  readonly #doubtful = new BoundedMap<number, { edges: LockEdge[]; since: number }>(MAX_OWNERS);
  readonly #reported = new BoundedMap<string, true>(MAX_REPORTED);
  #lossless = true;

  /** A lock is asked for, or was got without a word. `owner.held` is what was held before. */
  asked(owner: Owner, act: LockAct): OrderFinding[] {
    if (owner.held.length === 0 || act.trylock) return [];
    const found: OrderFinding[] = [];
    for (const outer of owner.held) {
      // Of one kind two may be taken in an order of their own, by address or from parent to child.
      if (outer.class === act.class || outer.lock.low === act.lock.low) continue;
      const guards = owner.held.filter((held) => held !== outer);
      const edge = { outer, inner: act, guards, thread: owner.key };
      if (owner.certainty === UNKNOWN) this.#doubt(owner.key, edge);
      else found.push(...this.#add(edge));
    }
    return found;
  }

  /** A release of what was not seen to be taken: it was held all the time, around what is in doubt. */
  stray(owner: Owner): void {
    this.#doubtful.delete(owner.key);
  }

  /** The owner has held nothing else, as is known now. */
  settled(owner: Owner): OrderFinding[] {
    const doubtful = this.#doubtful.get(owner.key);
    if (doubtful === undefined) return [];
    this.#doubtful.delete(owner.key);
    return doubtful.edges.flatMap((edge) => this.#add(edge));
  }

  /** Time goes on: who is silent for long has let go of nothing. */
  advance(time: number): OrderFinding[] {
    const found: OrderFinding[] = [];
    // In the order in which they came into doubt.
    for (const [key, { edges, since }] of this.#doubtful.entries()) {
      if (time - since < SETTLE_SECONDS) break;
      this.#doubtful.delete(key);
      found.push(...edges.flatMap((edge) => this.#add(edge)));
    }
    return found;
  }

  gap(): void {
    this.#lossless = false;
    this.#doubtful.clear();
  }

  reset(): void {
    this.graph.reset();
    this.#doubtful.clear();
    this.#reported.clear();
    this.#lossless = true;
  }

  #doubt(key: number, edge: LockEdge): void {
    const known = this.#doubtful.get(key);
    if (known === undefined) this.#doubtful.set(key, { edges: [edge], since: edge.inner.time });
    else if (known.edges.length < MAX_DOUBTFUL) known.edges.push(edge);
  }

  #add(edge: LockEdge): OrderFinding[] {
    const found: OrderFinding[] = [];
    for (const cycle of this.graph.add(edge)) {
      const classes = cycle.map(({ outer }) => outer.class).sort();
      const key = classes.join('\0');
      if (this.#reported.get(key)) continue;
      this.#reported.set(key, true);
      found.push({ cycle, classes, confidence: this.#confidence(cycle) });
    }
    return found;
  }

  #confidence(cycle: LockCycle): Confidence {
    if (!this.#lossless) return 'low';
    const threads = new Set(cycle.map(({ thread }) => thread));
    return threads.size === cycle.length ? 'high' : 'medium';
  }
}
