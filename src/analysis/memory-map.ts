import type { Address } from '../model/trace.ts';

/** Something of `size` bytes from an address on. */
interface Placed {
  readonly address: Address;
  readonly size: number;
}

const PAGE = 4096;
/** More pages than this in one free: looking at all that is kept is faster. */
const MANY_PAGES = 1024;

/** What lies where, forgotten when the memory under it is freed. Bounded: the pages not used for longest go first. */
export class MemoryMap<T extends Placed> {
  readonly #pages = new Map<number, T[]>();
  readonly #size: number;
  #count = 0;
  /** What had to go before its memory was freed. */
  evicted = 0;

  constructor(size: number) {
    this.#size = size;
  }

  get count(): number {
    return this.#count;
  }

  /** What begins exactly there. */
  at({ low }: Address): T | undefined {
    const page = this.#pages.get(Math.floor(low / PAGE));
    if (page === undefined) return undefined;
    for (const each of page) if (each.address.low === low) return each;
    return undefined;
  }

  add(item: T): void {
    const number = Math.floor(item.address.low / PAGE);
    const page = this.#pages.get(number);
    if (page === undefined) this.#pages.set(number, [item]);
    else page.push(item);
    this.#count += 1;
    if (this.#count > this.#size) this.#evict();
  }

  /** Memory from `low` on is another's now; without a size only what begins there. */
  drop({ low }: Address, size: number): void {
    if (size <= 0) size = 1;
    const first = Math.floor(low / PAGE);
    const last = Math.floor((low + size - 1) / PAGE);
    const numbers = last - first > MANY_PAGES ? [...this.#pages.keys()] : range(first, last);
    for (const number of numbers) {
      const page = this.#pages.get(number);
      if (page === undefined) continue;
      const left = page.filter(({ address }) => address.low < low || address.low >= low + size);
      this.#count -= page.length - left.length;
      if (left.length === 0) this.#pages.delete(number);
      else if (left.length < page.length) this.#pages.set(number, left);
    }
  }

  clear(): void {
    this.#pages.clear();
    this.#count = 0;
  }

  *values(): Generator<T> {
    for (const page of this.#pages.values()) yield* page;
  }

  #evict(): void {
    const oldest = this.#pages.entries().next();
    if (oldest.done) return;
    const [number, page] = oldest.value;
    this.#pages.delete(number);
    this.#count -= page.length;
    this.evicted += page.length;
  }
}

function range(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, at) => first + at);
}
