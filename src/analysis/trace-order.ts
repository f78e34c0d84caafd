import type { TraceGap } from './trace-input.ts';

export interface TraceOrderOptions<T> {
  readonly onItem: (item: T) => void;
  /** Once where the loss may begin, and once, with `ends`, where it is over. */
  readonly onGap: (gap: TraceGap, ends: boolean) => void;
  /** A CPU without records for so long has none: nobody waits for it. Trace seconds, default 1. */
  readonly idleSeconds?: number;
  /** Records that may wait in all. Default 32768. */
  readonly size?: number;
}

interface Waiting<T> {
  readonly time: number;
  /** What is not there is only the time that the CPU has come to. */
  readonly item: T | TraceGap | null;
  readonly is: 'item' | 'gap' | 'end of gap';
}
interface Cpu<T> {
  queue: Waiting<T>[];
  head: number;
  /** Time of its last record. */
  last: number;
  /** A loss that its next record will end. */
  open: TraceGap | null;
}

const MAX_CPUS = 1024;
const COMPACT_AT = 512;
const BACKWARDS_SECONDS = 0.001;

/**
 * Puts the records of several CPUs in the order of their time. Of one CPU they come in order, those of another may come up to
 * tens of milliseconds late. A record is let go once every CPU has come to its time: until then a loss on another CPU, which is
 * only told with the first record behind it, may still turn out to lie before it. Such a loss reaches from the CPU's record before to
 * the one behind, and counts at both ends.
 */
export class TraceOrder<T extends { readonly time: number; readonly cpu: number }> {
  readonly #options: TraceOrderOptions<T>;
  readonly #idle: number;
  readonly #size: number;
  readonly #cpus = new Map<number, Cpu<T>>();
  #waiting = 0;
  #newest = Number.NEGATIVE_INFINITY;
  #released = Number.NEGATIVE_INFINITY;
  #first: number | null = null;
  /** Records that came after later ones had to be let go; that is a gap as well. */
  late = 0;

  constructor(options: TraceOrderOptions<T>) {
    this.#options = options;
    this.#idle = options.idleSeconds ?? 1;
    this.#size = options.size ?? 32_768;
  }

  push(item: T): void {
    this.#add(item.cpu, { time: item.time, item, is: 'item' });
  }

  /** A record of no interest: the CPU has come to its time. */
  reach(cpu: number, time: number): void {
    this.#add(cpu, { time, item: null, is: 'item' });
  }

  gap(gap: TraceGap): void {
    const cpu = gap.cpu === null ? undefined : this.#cpus.get(gap.cpu);
    if (gap.cpu === null || cpu === undefined) {
      // Of nobody knows which CPU: nothing that waits is certain.
      this.flush();
      this.#options.onGap(gap, false);
      return;
    }
    cpu.queue.push({ time: cpu.last, item: gap, is: 'gap' });
    cpu.open = gap;
    this.#waiting += 1;
  }

  /** The trace has ended: what waits will not be waited for. */
  flush(): void {
    this.#release(Number.POSITIVE_INFINITY);
  }

  reset(): void {
    this.#cpus.clear();
    this.#waiting = 0;
    this.#newest = Number.NEGATIVE_INFINITY;
    this.#released = Number.NEGATIVE_INFINITY;
    this.#first = null;
  }

  #add(number: number, waiting: Waiting<T>): void {
    let cpu = this.#cpus.get(number);
    if (cpu === undefined) {
      if (this.#cpus.size >= MAX_CPUS) return;
      cpu = { queue: [], head: 0, last: Number.NEGATIVE_INFINITY, open: null };
      this.#cpus.set(number, cpu);
    } else if (waiting.time < cpu.last - BACKWARDS_SECONDS) {
      // The clock of one CPU does not go back: the machine was restored or started anew.
      this.flush();
      this.#options.onGap({ cpu: null, lost: null }, false);
      this.reset();
      this.#add(number, waiting);
      return;
    }
    if (this.#first === null) this.#first = waiting.time;
    if (waiting.time < this.#released) {
      this.late += 1;
      this.#options.onGap({ cpu: number, lost: null }, false);
      this.#released = waiting.time;
    }
    cpu.last = Math.max(cpu.last, waiting.time);
    this.#newest = Math.max(this.#newest, waiting.time);
    if (cpu.open !== null) {
      cpu.queue.push({ time: waiting.time, item: cpu.open, is: 'end of gap' });
      cpu.open = null;
      this.#waiting += 1;
    }
    if (waiting.item !== null) {
      cpu.queue.push(waiting);
      this.#waiting += 1;
    }
    if (this.#waiting > 0) this.#release(this.#waiting > this.#size ? Number.POSITIVE_INFINITY : this.#watermark());
  }

  /** The time that all CPUs which still say something have come to. */
  #watermark(): number {
    // Not all CPUs may have been heard of yet.
    if (this.#newest - (this.#first ?? 0) < this.#idle) return Number.NEGATIVE_INFINITY;
    let mark = this.#newest;
    for (const { last } of this.#cpus.values()) if (last < mark && this.#newest - last < this.#idle) mark = last;
    return mark;
  }

  #release(until: number): void {
    for (;;) {
      let first: Cpu<T> | undefined;
      let time = Number.POSITIVE_INFINITY;
      for (const cpu of this.#cpus.values()) {
        const head = cpu.queue[cpu.head];
        if (head !== undefined && head.time < time) {
          first = cpu;
          time = head.time;
        }
      }
      const head = first?.queue[first.head];
      if (first === undefined || head === undefined || time > until) return;
      first.head += 1;
      this.#waiting -= 1;
      if (first.head >= COMPACT_AT || first.head === first.queue.length) {
        first.queue = first.queue.slice(first.head);
        first.head = 0;
      }
      this.#released = Math.max(this.#released, time);
      if (head.is !== 'item') this.#options.onGap(head.item as TraceGap, head.is === 'end of gap');
      else this.#options.onItem(head.item as T);
    }
  }
}
