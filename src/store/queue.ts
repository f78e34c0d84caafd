/** What became of a batch: `later` keeps it, to be tried again. */
export type Written = 'done' | 'later';

export interface QueueOptions<T> {
  readonly write: (batch: readonly T[]) => Promise<Written>;
  readonly bytes: (item: T) => number;
  /** There was no room for it. */
  readonly onOverflow: (item: T) => void;
  readonly maxItems?: number;
  readonly maxBytes?: number;
}

export const BATCH = 500;
const BATCH_BYTES = 4 << 20;
const WAIT_MS = 200;
/** What waits may take so much memory; beyond it is for `onOverflow`. */
const MAX_ITEMS = 20_000;
const MAX_BYTES = 32 << 20;

/** Collects items and writes them in batches, one after the other, behind the back of who makes them. */
export class BatchQueue<T> {
  readonly #options: QueueOptions<T>;
  #items: { readonly item: T; readonly bytes: number }[] = [];
  #bytes = 0;
  #timer: NodeJS.Timeout | undefined;
  #working: Promise<void> | undefined;

  constructor(options: QueueOptions<T>) {
    this.#options = options;
  }

  push(item: T): void {
    const { maxItems = MAX_ITEMS, maxBytes = MAX_BYTES } = this.#options;
    const bytes = this.#options.bytes(item);
    if (this.#items.length >= maxItems || this.#bytes + bytes > maxBytes) {
      this.#options.onOverflow(item);
      return;
    }
    this.#items.push({ item, bytes });
    this.#bytes += bytes;
    if (this.#items.length >= BATCH) this.#start();
    else this.#timer ??= setTimeout(() => this.#start(), WAIT_MS);
  }

  /** Resolves when all is written, or the time is over; what is left then is given back. */
  async drain(limitMs: number): Promise<readonly T[]> {
    const end = performance.now() + limitMs;
    do {
      this.#start();
      await this.#working;
    } while (this.#items.length > 0 && performance.now() < end);
    clearTimeout(this.#timer);
    const left = this.#items.map(({ item }) => item);
    this.#items = [];
    this.#bytes = 0;
    return left;
  }

  #start(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#working ??= this.#work().finally(() => {
      this.#working = undefined;
      if (this.#items.length > 0) this.#timer ??= setTimeout(() => this.#start(), WAIT_MS);
    });
  }

  async #work(): Promise<void> {
    while (this.#items.length > 0) {
      const batch = this.#next();
      if ((await this.#options.write(batch.map(({ item }) => item))) === 'later') {
        await new Promise((resolve) => setTimeout(resolve, WAIT_MS / 4));
        return;
      }
      this.#items.splice(0, batch.length);
      for (const { bytes } of batch) this.#bytes -= bytes;
      // SQLite writes while nothing else happens: whoever waits for the processor gets it between two batches.
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  #next() {
    let bytes = 0;
    const end = this.#items.findIndex((each, i) => {
      bytes += each.bytes;
      return i > 0 && (i >= BATCH || bytes > BATCH_BYTES);
    });
    return this.#items.slice(0, end < 0 ? undefined : end);
  }
}
