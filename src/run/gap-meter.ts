import type { EventOf, Evidence } from '../model/event.ts';

export type Gap = Pick<EventOf<'gap'>, 'kind' | 'lost' | 'unit'> & { readonly cpu?: number };

interface Counted {
  readonly gap: Gap;
  lost: number | null;
  readonly first: Evidence;
  last: Evidence;
  readonly from: number;
  readonly due: number;
}

/** An overloaded trace loses events hundreds of times a second; a person wants the sum. */
const WINDOW_NS = 1_000_000_000;

/** Adds up the losses of a stream and CPU over a second. Nothing is dropped: what is open comes out with `flush`. */
export class GapMeter {
  readonly #open = new Map<string, Counted>();
  readonly #emit: (gap: Gap, evidence: readonly Evidence[], from: number) => void;

  constructor(emit: (gap: Gap, evidence: readonly Evidence[], from: number) => void) {
    this.#emit = emit;
  }

  add(gap: Gap, evidence: Evidence, now: number): void {
    const key = `${gap.kind} ${evidence.stream} ${gap.cpu ?? ''}`;
    const open = this.#open.get(key);
    if (open === undefined) {
      this.#open.set(key, { gap, lost: gap.lost, first: evidence, last: evidence, from: now, due: now + WINDOW_NS });
      return;
    }
    open.lost = open.lost === null || gap.lost === null ? null : open.lost + gap.lost;
    open.last = evidence;
  }

  /** When the oldest sum is due; undefined when none is open. */
  get due(): number | undefined {
    let due: number | undefined;
    for (const counted of this.#open.values()) if (due === undefined || counted.due < due) due = counted.due;
    return due;
  }

  flush(now = Number.POSITIVE_INFINITY): void {
    for (const [key, { gap, lost, first, last, from, due }] of this.#open) {
      if (due > now) continue;
      this.#open.delete(key);
      this.#emit({ ...gap, lost }, first === last ? [first] : [first, last], from);
    }
  }
}
