import TinyQueue from 'tinyqueue';
import { ConfirmedTime } from './confirmed-time.ts';
import type { TraceGap } from './trace-input.ts';

export interface TraceOrderOptions<T, G> {
  readonly onItem: (item: T) => void;
  /** Once where the loss may begin, and with `ends` where it is over: for one of an unknown CPU with the next record of each. */
  readonly onGap: (gap: G, ends: boolean) => void;
  /** What comes of this CPU comes too late; null: time has gone back. What was made of the order so far may be wrong. */
  readonly onDisorder: (cpu: number | null) => void;
  /** A CPU without records for so long has none: nobody waits for it. Trace seconds, default 1. */
  readonly idleSeconds?: number;
  /** Whoever sends the records says up to when there are all of them (`reached`): nothing is let go before. */
  readonly byRounds?: boolean;
  /** Records that may wait in all. Default 32768. */
  readonly size?: number;
}

type Waiting<T, G> =
  | { readonly time: number; readonly is: 'item'; readonly item: T }
  | { readonly time: number; readonly is: 'gap' | 'end of gap'; readonly gap: G };
interface Cpu<T, G> {
  queue: Waiting<T, G>[];
  head: number;
  /** Time of the first that waits. */
  next: number;
  /** Time of its last record. */
  last: number;
  /** A loss that its next record will end, and how many losses of unknown CPUs were ended by one. */
  open: G | null;
  ended: number;
}

const MAX_CPUS = 8192;
const COMPACT_AT = 512;
const BACKWARDS_SECONDS = 0.001;
/** An event has its time before it is in the buffer; its CPU may have been stopped in between. */
const MARGIN_SECONDS = 0.005;

/**
 * Puts the records of several CPUs in the order of their time. Of one CPU they come in order, those of another may come up to
 * tens of milliseconds late. A record is let go once every CPU has come to its time: until then a loss on another CPU, which is
 * only told with the first record behind it, may still turn out to lie before it. Such a loss reaches from the CPU's record before to
 * the one behind, and counts at both ends.
 */
export class TraceOrder<T, G extends TraceGap = TraceGap> {
  readonly #options: TraceOrderOptions<T, G>;
  readonly #idle: number;
  readonly #size: number;
  readonly #cpus = new Map<number, Cpu<T, G>>();
  /** CPUs of which something waits. */
  #heads = new TinyQueue<Cpu<T, G>>([], earlier);
  /** The time that all CPUs which still say something have come to. */
  readonly #confirmed: ConfirmedTime;
  #waiting = 0;
  #first = Number.POSITIVE_INFINITY;
  #newest = Number.NEGATIVE_INFINITY;
  #reached = Number.NEGATIVE_INFINITY;
  #released = Number.NEGATIVE_INFINITY;
  /** The last loss of an unknown CPU, and how many there were. */
  #lost: G | null = null;
  #losses = 0;
  /** Records that came after later ones had to be let go. */
  late = 0;

  constructor(options: TraceOrderOptions<T, G>) {
    this.#options = options;
    this.#idle = options.idleSeconds ?? 1;
    this.#size = options.size ?? 32_768;
    this.#confirmed = new ConfirmedTime(this.#idle);
  }

  push(cpu: number, time: number, item: T): void {
    const from = this.#come(cpu, time);
    if (from === undefined) return;
    this.#wait(from, { time, is: 'item', item });
    this.#settle();
  }

  /** A record of no interest: the CPU has come to its time. */
  reach(cpu: number, time: number): void {
    this.#come(cpu, time);
    this.#settle();
  }

  gap(gap: G): void {
    const cpu = gap.cpu === null ? undefined : this.#cpu(gap.cpu);
    if (cpu !== undefined && cpu.last !== Number.NEGATIVE_INFINITY) {
      this.#wait(cpu, { time: cpu.last, is: 'gap', gap });
    } else {
      // Nobody knows since when: it may lie before all that waits.
      this.#options.onGap(gap, false);
    }
    if (cpu !== undefined) cpu.open = gap;
    else {
      this.#lost = gap;
      this.#losses += 1;
    }
  }

  /** All CPUs have been heard up to `time`, but for those that are `unfinished`: of them only what has come. */
  reached(time: number, unfinished: ReadonlySet<number>): void {
    let reached = time - MARGIN_SECONDS;
    for (const cpu of unfinished) reached = Math.min(reached, this.#cpus.get(cpu)?.last ?? Number.NEGATIVE_INFINITY);
    this.#reached = Math.max(this.#reached, reached);
    this.#release(this.#confirmed.at(this.#reached));
  }

  /** What has come and waits, in no order. */
  *waiting(): Generator<T> {
    for (const { queue, head } of this.#cpus.values())
      for (let at = head; at < queue.length; at++) {
        const waiting = queue[at];
        if (waiting?.is === 'item') yield waiting.item;
      }
  }

  /** The trace has ended: what waits will not be waited for. */
  flush(): void {
    this.#release(Number.POSITIVE_INFINITY);
  }

  reset(): void {
    this.#cpus.clear();
    this.#heads = new TinyQueue<Cpu<T, G>>([], earlier);
    this.#confirmed.reset();
    this.#waiting = 0;
    this.#first = Number.POSITIVE_INFINITY;
    this.#newest = Number.NEGATIVE_INFINITY;
    this.#reached = Number.NEGATIVE_INFINITY;
    this.#released = Number.NEGATIVE_INFINITY;
    this.#lost = null;
    this.#losses = 0;
  }

  #cpu(number: number): Cpu<T, G> | undefined {
    let cpu = this.#cpus.get(number);
    if (cpu !== undefined || this.#cpus.size >= MAX_CPUS) return cpu;
    cpu = { queue: [], head: 0, next: 0, last: Number.NEGATIVE_INFINITY, open: null, ended: this.#losses };
    this.#cpus.set(number, cpu);
    return cpu;
  }

  /** A CPU has come to a time; undefined when there is no room for another one. */
  #come(number: number, time: number): Cpu<T, G> | undefined {
    const cpu = this.#cpu(number);
    if (cpu === undefined) return undefined;
    if (time < cpu.last - BACKWARDS_SECONDS) {
      // The clock of one CPU does not go back: the machine was restored or started anew.
      this.flush();
      this.#options.onDisorder(null);
      this.reset();
      return this.#come(number, time);
    }
    if (time < this.#released) {
      this.late += 1;
      this.#options.onDisorder(number);
      this.#released = time;
    }
    cpu.last = Math.max(cpu.last, time);
    this.#first = Math.min(this.#first, time);
    this.#newest = Math.max(this.#newest, time);
    this.#confirmed.record({ cpu: number, time });
    if (cpu.open !== null) this.#wait(cpu, { time, is: 'end of gap', gap: cpu.open });
    cpu.open = null;
    if (cpu.ended !== this.#losses && this.#lost !== null) this.#wait(cpu, { time, is: 'end of gap', gap: this.#lost });
    cpu.ended = this.#losses;
    return cpu;
  }

  #wait(cpu: Cpu<T, G>, waiting: Waiting<T, G>): void {
    cpu.queue.push(waiting);
    this.#waiting += 1;
    if (cpu.head !== cpu.queue.length - 1) return;
    cpu.next = waiting.time;
    this.#heads.push(cpu);
  }

  #settle(): void {
    if (this.#waiting > this.#size) this.#release(Number.POSITIVE_INFINITY, this.#size >> 1);
    // Not all CPUs may have been heard of yet.
    else if (this.#waiting > 0 && !this.#options.byRounds && this.#newest - this.#first >= this.#idle)
      this.#release(this.#confirmed.at(this.#newest));
  }

  #release(until: number, keep = 0): void {
    for (let cpu = this.#heads.peek(); cpu !== undefined; cpu = this.#heads.peek()) {
      const head = cpu.queue[cpu.head];
      if (head === undefined || head.time > until || this.#waiting <= keep) return;
      this.#heads.pop();
      this.#waiting -= 1;
      advance(cpu);
      const next = cpu.queue[cpu.head];
      if (next !== undefined) {
        cpu.next = next.time;
        this.#heads.push(cpu);
      }
      this.#released = Math.max(this.#released, head.time);
      if (head.is === 'item') this.#options.onItem(head.item);
      else this.#options.onGap(head.gap, head.is === 'end of gap');
    }
  }
}

function advance(cpu: Cpu<unknown, unknown>): void {
  cpu.head += 1;
  if (cpu.head === cpu.queue.length) cpu.queue.length = 0;
  else if (cpu.head >= COMPACT_AT && cpu.head * 2 >= cpu.queue.length) cpu.queue = cpu.queue.slice(cpu.head);
  else return;
  cpu.head = 0;
}

function earlier(one: { readonly next: number }, other: { readonly next: number }): number {
  return one.next - other.next;
}
