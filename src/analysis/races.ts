import type { AccessAct, Address, MemoryAct } from '../model/trace.ts';
import { MemoryMap } from './memory-map.ts';
import { type Owner, UNKNOWN } from './owners.ts';
import { accessSeen, judgePair, type SeenAccess, type Tier } from './race-pair.ts';

/** Two accesses to the same memory that nothing keeps apart. */
export interface Race {
  readonly tier: Tier;
  readonly first: SeenAccess;
  readonly second: SeenAccess;
  readonly address: Address;
}

interface Location {
  readonly address: Address;
  readonly size: number;
  /** Losses before what is known of it. */
  era: number;
  /** One who had left it to another has come back: it is shared, not handed over. */
  shared: boolean;
  slots: number[];
  seen: SeenAccess[];
}

const MAX_LOCATIONS = 65_536;
const MAX_ALLOCATIONS = 65_536;
/** Accesses kept of a location: the last of each owner, direction and set of locks. */
const MAX_SEEN = 6;
const MAX_SLOTS = 8;
/** Low 52 bits of what the kernel and its modules hold in themselves on x86 (Documentation/arch/x86/x86_64/mm.rst). */
const STATIC_FROM = 0xf_ffff_8000_0000;

export interface RacesOptions {
  /** Preempt depth at which nothing is held. */
  readonly baseDepth: () => number;
  /** When the owner of a slot was last heard of. */
  readonly lastOf: (slot: number) => number;
}

/**
 * Data races by locks and by order together: a pair is one when both touch the same memory, one of them writes, no lock is common
 * to both, and nothing orders them. Memory belongs to its first user until another comes (initialization), and to each that it
 * is handed on to; it is forgotten when it is freed or allocated anew, and after a loss, in which it may have been.
 */
export class Races {
  readonly #options: RacesOptions;
  readonly #locations = new MemoryMap<Location>(MAX_LOCATIONS);
  readonly #allocations = new MemoryMap<{ readonly address: Address; readonly size: number }>(MAX_ALLOCATIONS);
  accesses = 0;
  /** Accesses of owners whose locks were not known: nothing follows from them. */
  unjudged = 0;
  pairs = 0;
  /** Pairs that are no races, by the reason. */
  readonly kept = new Map<string, number>();

  /** Locations that had to go. */
  get evicted(): number {
    return this.#locations.evicted;
  }

  constructor(options: RacesOptions) {
    this.#options = options;
  }

  access(owner: Owner, act: AccessAct, era: number): Race[] {
    this.accesses += 1;
    if (owner.certainty === UNKNOWN) {
      this.unjudged += 1;
      return [];
    }
    const location = this.#location(act, era);
    const seen = accessSeen(owner, act, era);
    const races = isShared(location, owner.slot) ? this.#pairs(location, owner, seen) : [];
    keep(location.seen, seen);
    return races;
  }

  /** Memory that is given out or back is nobody's yet. */
  memory({ kind, address, size }: MemoryAct): void {
    const known = this.#allocations.at(address);
    this.#locations.drop(address, Math.max(size, known?.size ?? 0));
    if (known !== undefined) this.#allocations.drop(address, 1);
    if (kind === 'alloc' && size > 0) this.#allocations.add({ address, size });
  }

  reset(): void {
    this.#locations.clear();
    this.#allocations.clear();
  }

  #location({ address, size }: AccessAct, era: number): Location {
    const known = this.#locations.at(address);
    if (known === undefined) {
      const location = { address, size, era, shared: false, slots: [], seen: [] };
      this.#locations.add(location);
      return location;
    }
    if (known.era !== era && address.low < STATIC_FROM) {
      known.shared = false;
      known.slots = [];
      known.seen = [];
    }
    known.era = era;
    return known;
  }

  #pairs({ seen, address }: Location, owner: Owner, second: SeenAccess): Race[] {
    const races: Race[] = [];
    for (const first of seen) {
      if (first.slot === second.slot) continue;
      this.pairs += 1;
      const { baseDepth, lastOf } = this.#options;
      const verdict = judgePair(first, second, owner.clock, baseDepth(), lastOf(first.slot));
      if (verdict.tier !== null) races.push({ tier: verdict.tier, first, second, address });
      else if (verdict.because !== '') this.kept.set(verdict.because, (this.kept.get(verdict.because) ?? 0) + 1);
    }
    return races;
  }
}

/** False while the location is one owner's alone; what was done to it before it is handed over was its owner's own affair. */
function isShared(location: Location, slot: number): boolean {
  if (location.shared) return true;
  const last = location.seen.at(-1);
  if (last?.slot === slot) return false;
  if (location.slots.includes(slot) || location.slots.length >= MAX_SLOTS) {
    location.shared = true;
    return true;
  }
  location.slots.push(slot);
  location.seen = [];
  return false;
}

/** The latest of each kind; a kind that is there already is replaced. */
function keep(seen: SeenAccess[], access: SeenAccess): void {
  const at = seen.findIndex(
    ({ slot, write, marked, heldVersion, locks }) =>
      slot === access.slot &&
      write === access.write &&
      marked === access.marked &&
      (heldVersion === access.heldVersion || sameLocks(locks, access.locks)),
  );
  if (at >= 0) seen.splice(at, 1);
  else if (seen.length >= MAX_SEEN) seen.shift();
  seen.push(access);
}

function sameLocks(one: SeenAccess['locks'], other: SeenAccess['locks']): boolean {
  return (
    one.length === other.length &&
    one.every((lock, at) => lock.lock.low === other[at]?.lock.low && lock.mode === other[at]?.mode)
  );
}
