/** The last `size` items. */
export class Ring<T> {
  readonly #items: T[] = [];
  readonly #size: number;
  #next = 0;

  constructor(size: number) {
    this.#size = size;
  }

  push(item: T): void {
    this.#items[this.#next] = item;
    this.#next = (this.#next + 1) % this.#size;
  }

  /** Oldest first. */
  list(): T[] {
    return this.#items.length < this.#size
      ? this.#items.slice()
      : [...this.#items.slice(this.#next), ...this.#items.slice(0, this.#next)];
  }
}

/** A map of at most `size` entries; the one that was not used for longest goes first. */
export class BoundedMap<K, V> {
  readonly #map = new Map<K, V>();
  readonly #size: number;
  /** Entries that had to go. */
  evicted = 0;

  constructor(size: number) {
    this.#size = size;
  }

  get size(): number {
    return this.#map.size;
  }

  get(key: K): V | undefined {
    return this.#map.get(key);
  }

  set(key: K, value: V): void {
    const before = this.#map.size;
    this.#map.set(key, value);
    if (this.#map.size === before) {
      // It was there: it moves behind the others.
      this.#map.delete(key);
      this.#map.set(key, value);
    }
    if (this.#map.size <= this.#size) return;
    const oldest = this.#map.keys().next();
    if (!oldest.done) this.#map.delete(oldest.value);
    this.evicted += 1;
  }

  delete(key: K): void {
    this.#map.delete(key);
  }

  clear(): void {
    this.#map.clear();
    this.evicted = 0;
  }

  values(): IterableIterator<V> {
    return this.#map.values();
  }

  entries(): IterableIterator<[K, V]> {
    return this.#map.entries();
  }
}
