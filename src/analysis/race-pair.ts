import type { AccessAct, LockAct, TraceContext } from '../model/trace.ts';
import { KNOWN, locksOf, type Owner } from './owners.ts';
import type { VectorClock } from './vector-clock.ts';

/** An access as it is kept: who, when, with which locks. */
export interface SeenAccess {
  readonly slot: number;
  /** The owner's own clock: who knows as much of it comes later. */
  readonly clock: number;
  /** Losses before it. */
  readonly era: number;
  /** The locks are all that it held. */
  readonly known: boolean;
  readonly locks: readonly LockAct[];
  readonly heldVersion: number;
  readonly write: boolean;
  readonly marked: boolean;
  readonly size: number;
  readonly aligned: boolean;
  readonly site: string;
  readonly time: number;
  /** Of the owner's event before: in between it was on its way here. */
  readonly previous: number;
  readonly cpu: number;
  readonly pid: number;
  readonly comm: string;
  readonly context: TraceContext;
  readonly irqsOff: boolean;
  readonly depth: number;
}

/**
 * A: seen at the same time on two CPUs. B: nothing orders them, and nothing is missing between them. C: no common lock, but events
 * were lost between them or the locks of one are taken on trust.
 */
export type Tier = 'A' | 'B' | 'C';

/** `because`: what keeps the two apart; empty for what needs no word. */
export type PairVerdict = { readonly tier: Tier } | { readonly tier: null; readonly because: string };

export function accessSeen(owner: Owner, act: AccessAct, era: number): SeenAccess {
  return {
    slot: owner.slot,
    clock: owner.clock[owner.slot] ?? 0,
    era,
    known: owner.certainty === KNOWN,
    locks: locksOf(owner),
    heldVersion: owner.heldVersion,
    write: act.write,
    marked: act.marked,
    size: act.size,
    aligned: act.size <= 8 && act.address.low % Math.max(1, act.size) === 0,
    site: act.site,
    time: act.time,
    previous: owner.previous,
    cpu: act.cpu,
    pid: act.pid,
    comm: act.comm,
    context: act.context,
    irqsOff: act.irqsOff,
    depth: act.depth,
  };
}

/** Longer than this after the other's access, "at the same time" would be a guess. */
const SAME_TIME_SECONDS = 0.001;

/** `clock`: what the owner of `second` knows; `lastOfFirst`: when the other was last heard of. */
export function judgePair(
  first: SeenAccess,
  second: SeenAccess,
  clock: VectorClock,
  baseDepth: number,
  lastOfFirst: number,
): PairVerdict {
  if (!first.write && !second.write) return NOTHING;
  for (const { because, applies } of FILTERS) if (applies(first, second, baseDepth)) return { tier: null, because };
  if (commonLock(first.locks, second.locks)) return LOCKED;
  const crossesGap = first.era !== second.era;
  if (!crossesGap && (clock[first.slot] ?? 0) >= first.clock) return ORDER;
  if (crossesGap || !first.known || !second.known) return { tier: 'C' };
  return { tier: meets(first, second, lastOfFirst) ? 'A' : 'B' };
}

const NOTHING: PairVerdict = { tier: null, because: '' };
const LOCKED: PairVerdict = { tier: null, because: 'common lock' };
const ORDER: PairVerdict = { tier: null, because: 'ordered' };

interface Filter {
  readonly because: string;
  readonly applies: (first: SeenAccess, second: SeenAccess, baseDepth: number) => boolean;
}

/** What keeps two accesses of kernel code apart, or makes their meeting harmless, beside locks and order. */
const FILTERS: readonly Filter[] = [
  { because: 'both marked', applies: (first, second) => first.marked && second.marked },
  {
    // CONFIG_KCSAN_ASSUME_PLAIN_WRITES_ATOMIC: up to a word, aligned, against a READ_ONCE.
    because: 'word write against marked read',
    applies: (first, second) => wordAgainstRead(first, second) || wordAgainstRead(second, first),
  },
  { because: 'RCU read section', applies: (first, second) => readsUnder('rcu', first) || readsUnder('rcu', second) },
  {
    because: 'sequence lock',
    applies: (first, second) =>
      (readsUnder('seq', first) && holds('seq', second)) || (readsUnder('seq', second) && holds('seq', first)),
  },
  { because: 'one CPU without preemption', applies: sameCpu },
];

function wordAgainstRead(write: SeenAccess, read: SeenAccess): boolean {
  return write.write && !write.marked && write.aligned && !read.write && read.marked;
}

function holds(section: string, access: SeenAccess): boolean {
  return access.locks.some((lock) => lock.class === section);
}

function readsUnder(section: string, access: SeenAccess): boolean {
  return !access.write && access.locks.some((lock) => lock.class === section && lock.mode === 'R');
}

function sameCpu(first: SeenAccess, second: SeenAccess, baseDepth: number): boolean {
  if (first.cpu !== second.cpu) return false;
  const pinned = (access: SeenAccess) => access.irqsOff || access.depth > baseDepth || access.context !== 'task';
  if (!pinned(first) || !pinned(second)) return false;
  // What an interrupt may come between is not kept apart by preemption alone.
  return first.context === second.context || (first.irqsOff && second.irqsOff);
}

/** Readers of one lock do not keep each other out. */
function commonLock(first: readonly LockAct[], second: readonly LockAct[]): boolean {
  for (const one of first)
    for (const other of second)
      if (one.lock.low === other.lock.low && !(one.mode === 'R' && other.mode === 'R')) return true;
  return false;
}

/** One of the two was between its event before and its access when the other made its own, on another CPU. */
function meets(first: SeenAccess, second: SeenAccess, lastOfFirst: number): boolean {
  if (first.cpu === second.cpu || second.time - first.time > SAME_TIME_SECONDS) return false;
  return second.previous <= first.time || lastOfFirst <= first.time;
}
