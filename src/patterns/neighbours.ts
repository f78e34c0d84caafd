/** A crash of which it is known what it was. */
export interface Known<L extends string = string> {
  /** Where it comes from, for people. */
  readonly id: string;
  readonly classification: L;
  readonly features: readonly string[];
}

export interface Neighbour<L extends string = string> {
  readonly known: Known<L>;
  /** 0 to 1: the share of all features, by how telling each is, that both have. */
  readonly likeness: number;
}

/** What the nearest known crashes say. */
export interface Vote<L extends string = string> {
  readonly classification: L;
  /** Not a probability: how near they are, and how much they agree. A calibration makes one of it. */
  readonly score: number;
  readonly nearest: readonly Neighbour<L>[];
}

const VOTERS = 5;

/** Sums of the same weights in another order differ by less. */
const ROUNDING = 1e-9;

/** Compares crashes with known ones: weighted Jaccard likeness, a feature counting as much as it is rare among the known. */
export class Neighbours<L extends string = string> {
  /** By their ids. */
  readonly #known: readonly Known<L>[];
  /** Who has a feature, as places in `#known`. */
  readonly #having = new Map<string, number[]>();
  /** Of all features of each. */
  readonly #weights: readonly number[];

  constructor(known: readonly Known<L>[]) {
    this.#known = [...known].sort((a, b) => (a.id < b.id ? -1 : 1));
    for (const [at, { features }] of this.#known.entries()) {
      for (const feature of features) {
        const having = this.#having.get(feature);
        if (having === undefined) this.#having.set(feature, [at]);
        else having.push(at);
      }
    }
    this.#weights = this.#known.map(({ features }) => this.#sum(features));
  }

  /** Undefined when nothing is known. */
  vote(features: readonly string[]): Vote<L> | undefined {
    const nearest = this.#nearest(features);
    const votes = new Map<L, number>();
    let all = 0;
    for (const { known, likeness } of nearest) {
      votes.set(known.classification, (votes.get(known.classification) ?? 0) + likeness ** 2);
      all += likeness ** 2;
    }
    const [best] = [...votes].sort((a, b) => b[1] - a[1]);
    const [first] = nearest;
    if (best === undefined || first === undefined) return undefined;
    const [classification, weight] = best;
    const near = nearest.find(({ known }) => known.classification === classification)?.likeness ?? 0;
    return { classification, score: all === 0 ? 0 : (weight / all) * Math.sqrt(near), nearest };
  }

  /** Only those that come into question are compared feature by feature. */
  #nearest(features: readonly string[]): Neighbour<L>[] {
    const own = new Set(features);
    const rough = this.#rough(own);
    const enough = greatest(rough, VOTERS) - ROUNDING;
    const nearest: Neighbour<L>[] = [];
    for (const [at, known] of this.#known.entries()) {
      const about = rough[at] as number;
      if (about < enough) continue;
      // In the order of their ids: more that are unlike change nothing.
      if (about > 0) nearest.push({ known, likeness: this.#likeness(own, known.features) });
      else if (nearest.length < VOTERS) nearest.push({ known, likeness: 0 });
    }
    return nearest.sort((a, b) => b.likeness - a.likeness).slice(0, VOTERS);
  }

  /** The likeness to each of the known, but for rounding. */
  #rough(own: ReadonlySet<string>): Float64Array {
    const shared = new Float64Array(this.#known.length);
    for (const feature of own) {
      const weight = this.#weight(feature);
      for (const at of this.#having.get(feature) ?? []) shared[at] = (shared[at] as number) + weight;
    }
    const all = this.#sum(own);
    return shared.map((weight, at) => (weight === 0 ? 0 : weight / (all + (this.#weights[at] as number) - weight)));
  }

  #likeness(own: ReadonlySet<string>, others: readonly string[]): number {
    let shared = 0;
    let total = 0;
    for (const feature of others) {
      const weight = this.#weight(feature);
      total += weight;
      if (own.has(feature)) shared += weight;
    }
    const other = new Set(others);
    for (const feature of own) if (!other.has(feature)) total += this.#weight(feature);
    return total === 0 ? 0 : shared / total;
  }

  #sum(features: Iterable<string>): number {
    let sum = 0;
    for (const feature of features) sum += this.#weight(feature);
    return sum;
  }

  #weight(feature: string): number {
    return Math.log(1 + this.#known.length / (1 + (this.#having.get(feature)?.length ?? 0)));
  }
}

/** The `count`th of the numbers from the greatest on; 0 when there are less. */
function greatest(numbers: Float64Array, count: number): number {
  const best = new Array<number>(count).fill(0);
  for (const number of numbers) {
    if (number <= (best[0] as number)) continue;
    best[0] = number;
    best.sort((a, b) => a - b);
  }
  return best[0] as number;
}
