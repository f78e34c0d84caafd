import type { FtraceEvent, FtraceRecord, Place } from '../ftrace/record.ts';
import type { EventFormat } from './event-format.ts';
import { EventKind } from './event-kind.ts';
import type { RecordBytes } from './event-record.ts';
import { readEntries, readPageHead } from './page.ts';
import { PAGE_4K, type PageLayout } from './page-layout.ts';
import { type FindPlace, placeText } from './print-format.ts';

export interface DecoderOptions {
  /** Of all events that may come, ftrace's own (`events/ftrace/…`) too. */
  readonly formats: readonly EventFormat[];
  readonly layout?: PageLayout;
  /** The name of a task, as `saved_cmdlines` has it; undefined where the kernel has forgotten it. */
  readonly comm?: (pid: number) => string | undefined;
  readonly place?: FindPlace;
  /** Of `trace_clock`: most are nanoseconds, `counter`, `uptime` and `x86-tsc` count something. */
  readonly clock?: 'nanoseconds' | 'counts';
}

export type Emit = (record: FtraceRecord) => void;

/**
 * Pages of `per_cpu/cpuN/trace_pipe_raw` to records, as `trace_pipe` would have them as text: the same names, flags, times and payloads.
 * In any chunks; it holds one page of each CPU. Records come in the order of each CPU; who wants one order merges by time. Payloads are made when
 * they are asked for, and hold on to their page until then.
 *
 * Never throws. A page that lies about its lengths becomes what could be read of it, and a loss.
 */
export class PageDecoder {
  readonly #layout: PageLayout;
  readonly #kinds: ReadonlyMap<number, EventKind>;
  readonly #options: DecoderOptions;
  readonly #cpus = new Map<number, Pages>();

  constructor(options: DecoderOptions) {
    this.#options = options;
    this.#layout = options.layout ?? PAGE_4K;
    this.#kinds = new Map(options.formats.map((format) => [format.id, new EventKind(format)]));
  }

  push(cpu: number, chunk: Uint8Array, emit: Emit): void {
    let pages = this.#cpus.get(cpu);
    if (pages === undefined) {
      pages = { held: new Uint8Array(this.#layout.pageBytes), filled: 0, byte: 0, page: 0 };
      this.#cpus.set(cpu, pages);
    }
    for (let from = 0; from < chunk.length; ) {
      const part = chunk.subarray(from, from + pages.held.length - pages.filled);
      pages.held.set(part, pages.filled);
      pages.filled += part.length;
      from += part.length;
      if (pages.filled < pages.held.length) break;
      // Records keep their page, so the next one gets memory of its own.
      const page = pages.held;
      pages.held = new Uint8Array(this.#layout.pageBytes);
      pages.filled = 0;
      pages.page += 1;
      this.page(cpu, page, { byte: pages.byte, endByte: pages.byte + page.length, line: pages.page }, emit);
      pages.byte += page.length;
    }
  }

  /** A page that did not come whole is lost. */
  flush(emit: Emit): void {
    for (const [cpu, { filled, byte, page }] of this.#cpus)
      if (filled > 0) emit({ kind: 'lost', cpu, lost: null, byte, endByte: byte + filled, line: page + 1 });
    this.#cpus.clear();
  }

  /** A page that came whole, and stands at `at` of its stream. */
  page(cpu: number, bytes: Uint8Array, at: Place, emit: Emit): void {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const head = readPageHead(view, this.#layout);
    const loss = (lost: number | null) => emit({ kind: 'lost', cpu, lost, ...at });
    if (head === null) {
      loss(null);
      return;
    }
    if (head.lost !== undefined) loss(head.lost);
    const clock = this.#options.clock === 'counts' ? countingClock(head.base) : nanosecondClock(head.base);
    const page: Page = { cpu, view, byte: at.byte, line: at.line, clock, options: this.#options };
    const reason = readEntries(view, this.#layout, head, (delta, from, length) => {
      // common_type, common_flags, common_preempt_count, common_pid: the same for all events (include/linux/trace_events.h).
      if (length < 8) return;
      const kind = this.#kinds.get(view.getUint16(from, true));
      const event = new RawEvent(page, { view, at: from, length }, kind, delta);
      const space = kind?.stackOf;
      if (space === undefined) emit(event);
      else {
        const frames = this.#frames(kind?.frames({ view, at: from, length }) ?? []);
        emit({ kind: 'stack', event, space, frames, byte: event.byte, endByte: event.endByte, line: event.line });
      }
    });
    if (reason !== undefined) loss(null);
  }

  #frames(addresses: readonly bigint[]): string[] {
    return addresses.map((address) => {
      const place = this.#options.place?.(address);
      return place === undefined ? `0x${address.toString(16)}` : placeText(place, false);
    });
  }
}

interface Pages {
  held: Uint8Array;
  filled: number;
  /** Bytes and pages of this CPU before the one that is held. */
  byte: number;
  page: number;
}

/** What the events of a page have in common. */
interface Page {
  readonly cpu: number;
  readonly view: DataView;
  readonly byte: number;
  readonly line: number;
  readonly clock: Clock;
  readonly options: DecoderOptions;
}

interface Clock {
  /** Seconds; null of clocks that count. */
  seconds(delta: number): number | null;
  stamp(delta: number): string;
}

/** Microseconds, rounded as the kernel does it (kernel/trace/trace_output.c, ns2usecs). */
function nanosecondClock(base: bigint): Clock {
  const whole = Number(base / 1000n);
  const rest = Number(base % 1000n) + 500;
  const micros = (delta: number) => whole + Math.floor((rest + delta) / 1000);
  return {
    seconds: (delta) => micros(delta) / 1e6,
    stamp: (delta) => `${Math.floor(micros(delta) / 1e6)}.${String(micros(delta) % 1e6).padStart(6, '0')}`,
  };
}

function countingClock(base: bigint): Clock {
  return { seconds: () => null, stamp: (delta) => String(base + BigInt(delta)) };
}

/** What a record says of itself is read when somebody asks. */
class RawEvent implements FtraceEvent {
  readonly kind = 'event';
  readonly tgid = null;
  readonly pid: number;
  readonly time: number | null;
  readonly name: string;
  readonly #page: Page;
  readonly #record: RecordBytes;
  readonly #type: EventKind | undefined;
  readonly #delta: number;

  constructor(page: Page, record: RecordBytes, type: EventKind | undefined, delta: number) {
    const { view, at } = record;
    this.pid = view.getInt32(at + 4, true);
    this.time = page.clock.seconds(delta);
    this.name = type?.nameOf(record, page.options.place) ?? `event-${view.getUint16(at, true)}`;
    this.#page = page;
    this.#record = record;
    this.#type = type;
    this.#delta = delta;
  }

  get cpu(): number {
    return this.#page.cpu;
  }

  get byte(): number {
    return this.#page.byte + this.#record.at;
  }

  get endByte(): number {
    return this.byte + this.#record.length;
  }

  get line(): number {
    return this.#page.line;
  }

  get stamp(): string {
    return this.#page.clock.stamp(this.#delta);
  }

  get comm(): string {
    return this.pid === 0 ? '<idle>' : (this.#page.options.comm?.(this.pid) ?? '<...>');
  }

  get flags(): string {
    const { view, at } = this.#record;
    return flagsText(view.getUint8(at + 2), view.getUint8(at + 3));
  }

  get payload(): string {
    return this.#type?.print(this.#record, this.#page.options.place ?? nowhere) ?? '';
  }
}

const nowhere: FindPlace = () => undefined;

const IRQS_OFF = 0x01;
const NEED_RESCHED = 0x04;
const HARDIRQ = 0x08;
const SOFTIRQ = 0x10;
const PREEMPT_RESCHED = 0x20;
const NMI = 0x40;
const BH_OFF = 0x80;
const LAZY_RESCHED = 0x02;

/** `d.h1.`: kernel/trace/trace_output.c, trace_print_lat_fmt, of common_flags and common_preempt_count. */
function flagsText(flags: number, counts: number): string {
  const has = (bit: number) => (flags & bit) !== 0;
  const irqs = has(IRQS_OFF) ? (has(BH_OFF) ? 'D' : 'd') : has(BH_OFF) ? 'b' : '.';
  const need = RESCHED[(has(NEED_RESCHED) ? 4 : 0) | (has(PREEMPT_RESCHED) ? 2 : 0) | (has(LAZY_RESCHED) ? 1 : 0)];
  const context = has(NMI)
    ? has(HARDIRQ)
      ? 'Z'
      : 'z'
    : has(HARDIRQ)
      ? has(SOFTIRQ)
        ? 'H'
        : 'h'
      : has(SOFTIRQ)
        ? 's'
        : '.';
  return `${irqs}${need}${context}${depth(counts & 15)}${depth(counts >> 4)}`;
}

/** By need-resched, preempt-resched and, with PREEMPT_LAZY, lazy-resched. */
const RESCHED = ['.', 'l', 'p', 'L', 'n', 'b', 'N', 'B'] as const;

function depth(count: number): string {
  return count === 0 ? '.' : count.toString(16);
}
