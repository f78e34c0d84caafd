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

/** Compares crashes with known ones: weighted Jaccard likeness, a feature counting as much as it is rare among the known. */
export class Neighbours<L extends string = string> {
  readonly #known: readonly Known<L>[];
  readonly #having = new Map<string, number>();

  constructor(known: readonly Known<L>[]) {
    this.#known = known;
    for (const { features } of known)
      for (const feature of features) this.#having.set(feature, (this.#having.get(feature) ?? 0) + 1);
  }

  /** Undefined when nothing is known. */
  vote(features: readonly string[]): Vote<L> | undefined {
    const own = new Set(features);
    const nearest = this.#known
      .map((known) => ({ known, likeness: this.#likeness(own, known.features) }))
      .sort((a, b) => b.likeness - a.likeness || (a.known.id < b.known.id ? -1 : 1))
      .slice(0, VOTERS);
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

  #weight(feature: string): number {
    return Math.log(1 + this.#known.length / (1 + (this.#having.get(feature) ?? 0)));
  }
}
