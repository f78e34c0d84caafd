import type { PageLayout } from './page-layout.ts';

/** What a page says of itself. */
export interface PageHead {
  /** The clock's value at the page's first event: nanoseconds, or counts of clocks that only count. */
  readonly base: bigint;
  /** Events that were overwritten before this page: undefined for none, null when the page does not say how many. */
  readonly lost: number | null | undefined;
  /** Bytes of events. */
  readonly used: number;
}

/** Takes the events of a page; `delta` is their time since the page's base. The payload is `bytes` from `at`, `length` long. */
export type OnEvent = (delta: number, at: number, length: number) => void;

/** RB_MISSED_EVENTS and RB_MISSED_STORED of kernel/trace/ring_buffer.c. */
const MISSED = 1 << 31;
const MISSED_STORED = 1 << 30;
const COMMIT_MASK = (1 << 20) - 1;

/** The head of a page; null when it cannot be one. `bytes` is one page. */
export function readPageHead(bytes: DataView, layout: PageLayout): PageHead | null {
  const base = bytes.getBigUint64(layout.timestampAt, true);
  const commit = bytes.getInt32(layout.commitAt, true);
  const used = commit & COMMIT_MASK;
  const room = layout.pageBytes - layout.dataAt;
  if (used > room || (commit & ~(MISSED | MISSED_STORED | COMMIT_MASK)) !== 0) return null;
  if ((commit & MISSED) === 0) return { base, lost: undefined, used };
  const stored = (commit & MISSED_STORED) !== 0 && used + 8 <= room;
  return { base, lost: stored ? Number(bytes.getBigUint64(layout.dataAt + used, true)) : null, used };
}

/** Kinds of entries, the lower five bits of their heads (include/linux/ring_buffer.h). Up to 28 it is the length in words. */
const PADDING = 29;
const TIME_EXTEND = 30;
const TIME_STAMP = 31;
const DELTA_BITS = 2 ** 27;
/** An absolute stamp has 59 bits; those above are the page's (rb_fix_abs_ts). */
const STAMP_BITS = 59n;

/**
 * Goes through the entries of a page: kernel/trace/ring_buffer.c, rb_event_length and check_buffer. Gives why it ended early; undefined
 * when all of it could be read. Lengths that lie end it: each entry takes at least four bytes of the page, so that it is linear.
 */
export function readEntries(bytes: DataView, layout: PageLayout, head: PageHead, onEvent: OnEvent): string | undefined {
  const end = layout.dataAt + head.used;
  let at = layout.dataAt;
  let delta = 0;
  while (at + 4 <= end) {
    const word = bytes.getUint32(at, true);
    const type = word & 31;
    const step = word >>> 5;
    if (type > 0 && type < PADDING) {
      const length = type * 4;
      delta += step;
      if (at + 4 + length > end) return 'an event reaches over the end of its page';
      onEvent(delta, at + 4, length);
      at += 4 + length;
      continue;
    }
    // The rest of the page is empty.
    if (type === PADDING && step === 0) return undefined;
    if (at + 8 > end) return 'an entry reaches over the end of its page';
    const second = bytes.getUint32(at + 4, true);
    if (type === TIME_EXTEND) {
      delta += second * DELTA_BITS + step;
      at += 8;
    } else if (type === TIME_STAMP) {
      delta = sinceBase(BigInt(second) * BigInt(DELTA_BITS) + BigInt(step), head.base);
      at += 8;
    } else if (type === PADDING) {
      // A discarded event; a step of one stands for none.
      if (step > 1) delta += step;
      at += 4 + second;
    } else {
      // The length counts itself and is in bytes; entries stand at multiples of four.
      if (second < 4 || at + 4 + second > end) return 'an event reaches over the end of its page';
      delta += step;
      onEvent(delta, at + 8, second - 4);
      at += 4 + ((second + 3) & ~3);
    }
  }
  return at > end ? 'an entry reaches over the end of its page' : undefined;
}

function sinceBase(stamp: bigint, base: bigint): number {
  let absolute = stamp | ((base >> STAMP_BITS) << STAMP_BITS);
  if (absolute + (1n << (STAMP_BITS - 1n)) < base) absolute += 1n << STAMP_BITS;
  return Number(absolute - base);
}
