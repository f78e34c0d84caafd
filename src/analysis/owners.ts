import type { ActBy, LockAct } from '../model/trace.ts';
import { Rising } from './rising.ts';
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
  /** Losses that it knows of. */
  losses: number;
}

export interface OwnerLimits {
  readonly owners: number;
}
const LIMITS: OwnerLimits = { owners: 256 };
export const MAX_HELD = 48;
/** So many events, and the locks of an owner are known: where nothing was lost so far, and after a loss. */
const FIRST_EVENTS_TO_KNOW = 64;
const EVENTS_TO_KNOW = 256;

/** Owners by task and context; the one not seen for longest makes room, and whoever comes inherits what it had known. */
export class Owners {
  readonly #limits: OwnerLimits;
  readonly #owners = new Map<number, Owner>();
  /** Who may make room: those seen to hold a lock, when room was sought, are not asked again before their next event. */
  readonly #idle = new Rising<Owner>(({ used }) => used);
  readonly #holding = new Set<Owner>();
  #uses = 0;
  /** While there are none, an owner that is new has been idle, or is. */
  #losses = 0;
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
      this.#idle.add(owner);
    } else {
      this.#tellLosses(owner);
      if (this.#holding.delete(owner)) this.#idle.add(owner);
    }
    owner.used = ++this.#uses;
    if (by.comm !== '') owner.comm = by.comm;
    owner.pid = by.pid;
    return owner;
  }

  find(key: number): Owner | undefined {
    const owner = this.#owners.get(key);
    if (owner !== undefined) this.#tellLosses(owner);
    return owner;
  }

  /** Events were lost: whoever held a lock may have let go of it, and the other way round. Each hears of it when it is asked for. */
  gap(): void {
    this.#losses += 1;
    for (const owner of this.#holding) this.#idle.add(owner);
    this.#holding.clear();
  }

  reset(): void {
    this.#owners.clear();
    this.#idle.clear();
    this.#holding.clear();
    this.#losses = 0;
    this.#uses = 0;
  }

  #tellLosses(owner: Owner): void {
    if (owner.losses === this.#losses) return;
    owner.losses = this.#losses;
    owner.attempt = null;
    doubt(owner);
    if (owner.held.length === 0) return;
    owner.held = [];
    owner.heldVersion += 1;
  }

  #create(key: number, { pid, comm }: ActBy): Owner {
    const before = this.#owners.size < this.#limits.owners ? null : this.#evict();
    const slot = before?.slot ?? this.#owners.size;
    const clock = before?.clock ?? newClock(slot + 1);
    clock[slot] = (clock[slot] ?? 0) + 1;
    return {
      key,
      slot,
      pid,
      comm,
      certainty: this.#losses === 0 ? ASSUMED : UNKNOWN,
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
      previous: Number.NEGATIVE_INFINITY,
      last: Number.NEGATIVE_INFINITY,
      used: 0,
      losses: this.#losses,
    };
  }

  #evict(): Owner {
    let oldest = this.#idle.least();
    for (; oldest !== undefined && this.#holds(oldest); oldest = this.#idle.least()) {
      this.#idle.drop();
      this.#holding.add(oldest);
    }
    if (oldest === undefined) {
      oldest = this.#holding.values().next().value as Owner;
      this.#holding.delete(oldest);
    } else {
      this.#idle.drop();
    }
    this.#owners.delete(oldest.key);
    this.evicted += 1;
    return oldest;
  }

  #holds(owner: Owner): boolean {
    this.#tellLosses(owner);
    return owner.held.length > 0;
  }
}

/** It may hold more than was seen. */
export function doubt(owner: Owner): void {
  owner.certainty = UNKNOWN;
  owner.events = 0;
  owner.eventsToKnow = EVENTS_TO_KNOW;
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
