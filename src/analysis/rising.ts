import TinyQueue from 'tinyqueue';

interface Placed<T> {
  key: number;
  readonly item: T;
}

/**
 * The least of items whose keys only grow, such as when each was last heard of. Nobody tells of a key that has grown: its item moves
 * back when it comes to the front, which costs whoever asks at most one step for each time that a key grew.
 */
export class Rising<T> {
  readonly #keyOf: (item: T) => number;
  #queue = new TinyQueue<Placed<T>>([], lower);

  constructor(keyOf: (item: T) => number) {
    this.#keyOf = keyOf;
  }

  /** What is there already must not be added again. */
  add(item: T): void {
    this.#queue.push({ key: this.#keyOf(item), item });
  }

  least(): T | undefined {
    for (let front = this.#queue.peek(); front !== undefined; front = this.#queue.peek()) {
      const key = this.#keyOf(front.item);
      if (key <= front.key) return front.item;
      this.#queue.pop();
      front.key = key;
      this.#queue.push(front);
    }
    return undefined;
  }

  /** Takes out what `least` has given. */
  drop(): void {
    this.#queue.pop();
  }

  clear(): void {
    this.#queue = new TinyQueue<Placed<T>>([], lower);
  }
}

function lower(one: Placed<unknown>, other: Placed<unknown>): number {
  return one.key - other.key;
}
