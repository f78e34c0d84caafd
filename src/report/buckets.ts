/** What was seen of a value within a stretch of time. */
export interface Bucket {
  readonly sum: number;
  readonly count: number;
  readonly max: number;
}

const EMPTY: Bucket = { sum: 0, count: 0, max: Number.NEGATIVE_INFINITY };
const FIRST_WIDTH = 1;
const MOST = 512;

/** A value over time in at most 512 stretches of equal length. They double in length when time goes on, so memory is bounded whatever comes. */
export class Buckets {
  #width = FIRST_WIDTH;
  #buckets: Bucket[] = [];

  /** `at`: seconds. What is no number is passed over. */
  add(at: number, value: number): void {
    if (!Number.isFinite(at) || !Number.isFinite(value)) return;
    while (Math.max(0, at) >= this.#width * MOST) this.#double();
    const index = Math.floor(Math.max(0, at) / this.#width);
    while (this.#buckets.length <= index) this.#buckets.push(EMPTY);
    this.#buckets[index] = joined(this.#buckets[index] ?? EMPTY, { sum: value, count: 1, max: value });
  }

  /** Mean of each stretch that has a value, by its middle. */
  means(): [at: number, value: number][] {
    return this.#points(({ sum, count }) => (count === 0 ? undefined : sum / count));
  }

  /** Sum of each stretch per second, stretches without anything included. */
  rates(): [at: number, value: number][] {
    return this.#points(({ sum }) => sum / this.#width);
  }

  #points(read: (bucket: Bucket) => number | undefined): [number, number][] {
    return this.#buckets.flatMap((bucket, i) => {
      const value = read(bucket);
      return value === undefined ? [] : [[(i + 0.5) * this.#width, value] as [number, number]];
    });
  }

  #double(): void {
    this.#width *= 2;
    const halves = this.#buckets;
    this.#buckets = [];
    for (let i = 0; i < halves.length; i += 2) this.#buckets.push(joined(halves[i] ?? EMPTY, halves[i + 1] ?? EMPTY));
  }
}

function joined(a: Bucket, b: Bucket): Bucket {
  return { sum: a.sum + b.sum, count: a.count + b.count, max: Math.max(a.max, b.max) };
}
