import type { Act, LockAct } from '../model/trace.ts';
import { BoundedMap } from './bounded.ts';
import { ASSUMED, doubt, KNOWN, MAX_HELD, type Owner, Owners, UNKNOWN } from './owners.ts';
import { joined, newClock, type VectorClock } from './vector-clock.ts';

/** Clocks that a lock hands on: of whoever wrote last, and of all readers since. */
interface LockClock {
  writer: VectorClock | null;
  readers: VectorClock | null;
}

const MAX_LOCKS = 8192;
const MAX_CHANNELS = 4096;
/** After a loss the locks of an owner are taken on trust once it has gone on for so long. */
const EVENTS_TO_ASSUME = 64;

/** What a lock act did: `took` says which locks were held before, `stray` is a release of what was not seen to be held. */
export type LockChange = 'attempted' | 'took' | 'released' | 'stray' | 'nothing';

/** Who holds what, and what came before what. Every act goes through here first. */
export class LockState {
  readonly owners = new Owners();
  readonly #locks = new BoundedMap<number, LockClock>(MAX_LOCKS);
  readonly #channels = new BoundedMap<string, VectorClock>(MAX_CHANNELS);
  /** Goes up with each gap: what lies in different eras is not known to follow each other. */
  era = 0;
  /** Locks that were seen to be taken and let go of. */
  pairs = 0;

  /** Counts the act to its owner. Call `change` for a lock act once it has been looked at with the locks held before. */
  enter(act: Act): Owner {
    const owner = this.owners.of(act);
    owner.previous = owner.last;
    owner.last = act.time;
    if (act.kind !== 'edge') {
      owner.events += 1;
      owner.total += 1;
    }
    if (act.kind === 'lock') owner.lockEvents += 1;
    if (act.kind === 'begin' || act.kind === 'end') this.#resync(owner);
    else if (owner.certainty === UNKNOWN && seemsFree(owner)) owner.certainty = ASSUMED;
    else if (owner.certainty === ASSUMED && owner.events >= owner.eventsToKnow) owner.certainty = KNOWN;
    if (act.kind === 'edge') this.#edge(owner, act.step, act.channel);
    return owner;
  }

  change(owner: Owner, act: LockAct): LockChange {
    switch (act.step) {
      case 'attempt':
        owner.attempt = act;
        return 'attempted';
      case 'failed':
        owner.attempt = null;
        return 'nothing';
      case 'acquired':
      case 'instant':
        owner.attempt = null;
        this.#take(owner, act);
        return 'took';
      case 'release':
        owner.attempt = null;
        return this.#release(owner, act);
    }
  }

  gap(): void {
    this.era += 1;
    this.owners.gap();
  }

  reset(): void {
    this.owners.reset();
    this.#locks.clear();
    this.#channels.clear();
    this.era += 1;
  }

  #resync(owner: Owner): void {
    owner.certainty = KNOWN;
    owner.attempt = null;
    if (owner.held.length === 0) return;
    owner.held = [];
    owner.heldVersion += 1;
  }

  #take(owner: Owner, act: LockAct): void {
    if (owner.held.length >= MAX_HELD) owner.held.shift();
    owner.held.push(act);
    owner.heldVersion += 1;
    const lock = this.#locks.get(act.lock.low);
    if (lock === undefined) return;
    if (lock.writer !== null) owner.clock = joined(owner.clock, lock.writer);
    if (act.mode !== 'R' && lock.readers !== null) owner.clock = joined(owner.clock, lock.readers);
  }

  #release(owner: Owner, act: LockAct): LockChange {
    const at = owner.held.findLastIndex((held) => held.lock.low === act.lock.low);
    this.#handOn(owner, act);
    if (at < 0) {
      // It was held all the time: so may others be.
      doubt(owner);
      return 'stray';
    }
    owner.held.splice(at, 1);
    owner.heldVersion += 1;
    this.pairs += 1;
    return 'released';
  }

  #handOn(owner: Owner, { lock: { low }, mode }: LockAct): void {
    let lock = this.#locks.get(low);
    if (lock === undefined) {
      lock = { writer: null, readers: null };
      this.#locks.set(low, lock);
    }
    if (mode === 'R') {
      lock.readers = joined(lock.readers ?? newClock(owner.clock.length), owner.clock);
    } else {
      lock.writer = copied(lock.writer, owner.clock);
      lock.readers = null;
    }
    tick(owner);
  }

  #edge(owner: Owner, step: 'send' | 'receive', channel: string): void {
    const sent = this.#channels.get(channel);
    if (step === 'send') {
      this.#channels.set(channel, joined(sent ?? newClock(0), owner.clock));
      tick(owner);
    } else if (sent !== undefined) {
      owner.clock = joined(owner.clock, sent);
    }
  }
}

/** It went on for long without letting go of anything, or was never seen to have to do with locks at all. */
function seemsFree({ events, total, lockEvents }: Owner): boolean {
  return events >= EVENTS_TO_ASSUME || (lockEvents === 0 && total >= EVENTS_TO_ASSUME);
}

function tick(owner: Owner): void {
  owner.clock[owner.slot] = (owner.clock[owner.slot] ?? 0) + 1;
}

function copied(into: VectorClock | null, from: VectorClock): VectorClock {
  if (into === null || into.length !== from.length) return from.slice();
  into.set(from);
  return into;
}
