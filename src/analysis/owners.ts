import type { ActBy, LockAct } from '../model/trace.ts';
import { newClock, type VectorClock } from './vector-clock.ts';

/**
 * How well the locks that an owner holds are known. `unknown`: events were lost, it may hold more than was seen. `assumed`: it
 * has gone on for a while, or the trace for as long as it has, and no lock came to light. `known`: it has been between two
 * operations since, or has gone on for long.
 */
export const UNKNOWN = 0;
export const ASSUMED = 1;
export const KNOWN = 2;
export type Certainty = typeof UNKNOWN | typeof ASSUMED | typeof KNOWN;

/** A task, or what interrupts run on a CPU: whoever holds locks. */
export interface Owner {
  readonly key: number;
  readonly slot: number;
  pid: number;
  comm: string;
  certainty: Certainty;
  /** Its events since it became unknown. */
  events: number;
  /** All its events, and those of them that are about locks: losses do not hide what it does again and again. */
  total: number;
  lockEvents: number;
  /** So many of them, and its locks are known. */
  eventsToKnow: number;
  /** What it was seen to take, oldest first. */
  held: LockAct[];
  /** Goes up with each change of `held`. */
  heldVersion: number;
  /** `held` as of `locksVersion`, to be kept: made when an access asks for it. */
  locks: readonly LockAct[];
  locksVersion: number;
  attempt: LockAct | null;
  clock: VectorClock;
  /** Time of its last event but one, and of its last. */
  previous: number;
  last: number;
  used: number;
}

export interface OwnerLimits {
  readonly owners: number;
}
const LIMITS: OwnerLimits = { owners: 256 };
export const MAX_HELD = 48;
/** Where nothing was lost so far. */
const FIRST_EVENTS_TO_KNOW = 64;

/** Owners by task and context; the one not seen for longest makes room, and whoever comes inherits what it had known. */
export class Owners {
  readonly #limits: OwnerLimits;
  readonly #owners = new Map<number, Owner>();
  #uses = 0;
  /** No event was lost so far: an owner that is new has been idle, or is. */
  #complete = true;
  evicted = 0;

  constructor(limits: Partial<OwnerLimits> = {}) {
    this.#limits = { ...LIMITS, ...limits };
  }

  of(by: ActBy): Owner {
    const key = ownerKey(by);
    let owner = this.#owners.get(key);
    if (owner === undefined) {
      owner = this.#create(key, by);
      this.#owners.set(key, owner);
    }
    owner.used = ++this.#uses;
    if (by.comm !== '') owner.comm = by.comm;
    owner.pid = by.pid;
    return owner;
  }

  find(key: number): Owner | undefined {
    return this.#owners.get(key);
  }

  values(): IterableIterator<Owner> {
    return this.#owners.values();
  }

  /** Events were lost: whoever held a lock may have let go of it, and the other way round. */
  gap(): void {
    this.#complete = false;
    for (const owner of this.#owners.values()) {
      owner.attempt = null;
      if (owner.held.length === 0) continue;
      owner.held = [];
      owner.heldVersion += 1;
    }
  }

  reset(): void {
    this.#owners.clear();
    this.#complete = true;
    this.#uses = 0;
  }

  #create(key: number, { pid, comm }: ActBy): Owner {
    const before = this.#owners.size < this.#limits.owners ? null : this.#evict();
    const slot = before?.slot ?? this.#owners.size;
    const clock = before?.clock ?? newClock(slot + 1);
    clock[slot] = (clock[slot] ?? 0) + 1;
    return {
      ...{
        key,
        slot,
        pid,
        comm,
        events: 0,
        total: 0,
        lockEvents: 0,
        eventsToKnow: FIRST_EVENTS_TO_KNOW,
        held: [],
        heldVersion: 0,
        locks: [],
        locksVersion: 0,
        attempt: null,
        clock,
      },
      certainty: this.#complete ? ASSUMED : UNKNOWN,
      previous: Number.NEGATIVE_INFINITY,
      last: Number.NEGATIVE_INFINITY,
      used: 0,
    };
  }

  #evict(): Owner {
    let oldest: Owner | undefined;
    for (const owner of this.#owners.values()) {
      if (owner.held.length === 0 && (oldest === undefined || owner.used < oldest.used)) oldest = owner;
    }
    oldest ??= this.#owners.values().next().value as Owner;
    this.#owners.delete(oldest.key);
    this.evicted += 1;
    return oldest;
  }
}

/** What the owner holds now, not to be changed by what comes. */
export function locksOf(owner: Owner): readonly LockAct[] {
  if (owner.locksVersion !== owner.heldVersion) {
    owner.locks = owner.held.slice();
    owner.locksVersion = owner.heldVersion;
  }
  return owner.locks;
}

const CONTEXT_NUMBERS = { task: 0, softirq: 1, hardirq: 2, nmi: 3 } as const;

/** Tasks by pid; the idle tasks of all CPUs share pid 0, and what interrupts belongs to its CPU. */
export function ownerKey({ pid, cpu, context }: Pick<ActBy, 'pid' | 'cpu' | 'context'>): number {
  return context === 'task' && pid !== 0 ? pid : -(cpu * 4 + CONTEXT_NUMBERS[context]) - 1;
}
