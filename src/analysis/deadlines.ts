import TinyQueue from 'tinyqueue';

interface Deadline<T> {
  readonly at: number;
  readonly item: T;
}

const LEAST_ROOM = 64;

/**
 * What waits for a time to come, so that nobody has to look at all of it again and again. What no longer waits is told of by nobody: it
 * is passed over when its time has come, or when there is more of it than of what waits.
 */
export class Deadlines<T> {
  readonly #waits: (item: T) => boolean;
  #room = LEAST_ROOM;
  #queue = new TinyQueue<Deadline<T>>([], earlier);

  /** `waits`: still. Whoever adds sees to it that not too many do. */
  constructor(waits: (item: T) => boolean) {
    this.#waits = waits;
  }

  add(at: number, item: T): void {
    this.#queue.push({ at, item });
    if (this.#queue.length <= this.#room) return;
    this.#queue = new TinyQueue(
      this.#queue.data.filter((each) => this.#waits(each.item)),
      earlier,
    );
    this.#room = Math.max(LEAST_ROOM, 2 * this.#queue.length);
  }

  /** Those whose time has come, earliest first; each is given once. */
  due(now: number): T[] {
    const due: T[] = [];
    for (let next = this.#queue.peek(); next !== undefined && next.at <= now; next = this.#queue.peek()) {
      this.#queue.pop();
      if (this.#waits(next.item)) due.push(next.item);
    }
    return due;
  }

  clear(): void {
    if (this.#queue.length > 0) this.#queue = new TinyQueue<Deadline<T>>([], earlier);
  }
}

function earlier(one: Deadline<unknown>, other: Deadline<unknown>): number {
  return one.at - other.at;
}
