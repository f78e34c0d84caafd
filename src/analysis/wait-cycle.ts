import type { LockEvent, VexfsEvent } from '../model/trace.ts';
import { BoundedMap } from './bounded.ts';
import { Deadlines } from './deadlines.ts';
import { copyText, TextPool } from './text-pool.ts';
import { ownerOf, type TraceEvent, type TraceGap } from './trace-input.ts';

/** A task of a cycle: it waits for `lock`, which the next one holds, or asked for before it. */
export interface WaitingTask {
  readonly pid: number;
  readonly comm: string;
  readonly lock: string;
  readonly class: string;
  readonly mode: string;
  readonly ip: string;
  /** Trace seconds since when it waits. */
  readonly since: number;
  readonly holds: readonly {
    readonly lock: string;
    readonly class: string;
    readonly mode: string;
    readonly ip: string;
  }[];
}

/** What a `trace-deadlock` finding rests on. */
export interface WaitCycle {
  readonly tasks: readonly WaitingTask[];
  /** Of the locks waited for, in the tasks' order. */
  readonly classes: readonly string[];
  readonly locks: readonly string[];
  /** How long the youngest wait has lasted, seconds of trace time. */
  readonly seconds: number;
  readonly time: number;
}

interface Hold extends LockEvent {
  readonly owner: string;
}
interface Wait extends LockEvent {
  readonly owner: string;
  readonly pid: number;
  readonly comm: string;
  readonly since: number;
}

const MAX_WAITS = 4096;
const MAX_HOLDS = 16_384;
const MAX_REPORTED = 1024;
const SWEEP_SECONDS = 0.25;

/**
 * Finds tasks that wait for each other in a circle, from the module's lock events: an attempt without acquisition is a wait, an
 * acquisition without release a hold. A cycle counts once each of its waits has lasted `seconds` of trace time, and is told once.
 * A gap forgets everything: a verdict across it would be none.
 */
export class WaitCycles {
  readonly #minimum: number;
  readonly #waits = new BoundedMap<string, Wait>(MAX_WAITS);
  readonly #awaited = new Deadlines<Wait>((wait) => this.#waits.get(wait.owner) === wait);
  /** By owner and lock. */
  readonly #holds = new BoundedMap<string, Hold>(MAX_HOLDS);
  readonly #reported = new BoundedMap<string, true>(MAX_REPORTED);
  readonly #texts = new TextPool();
  #swept = Number.NEGATIVE_INFINITY;

  constructor(options: { readonly seconds?: number } = {}) {
    this.#minimum = options.seconds ?? 1;
  }

  record(event: TraceEvent, module: VexfsEvent | null): WaitCycle[] {
    if (event.time === null) return [];
    if (module && 'lock' in module) this.#lock(event, event.time, module);
    return this.advance(event.time);
  }

  /** Trace time goes on: deadlocked tasks make no events, so call it also when nothing comes. */
  advance(time: number): WaitCycle[] {
    if (Math.abs(time - this.#swept) < SWEEP_SECONDS) return [];
    this.#swept = time;
    // Who waits takes nothing meanwhile: a circle is whole once the youngest of its waits has lasted.
    if (this.#awaited.due(time).length === 0) return [];
    const old = [...this.#waits.values()].filter((wait) => wait.since + this.#minimum <= time);
    const found: WaitCycle[] = [];
    for (const cycle of cyclesOf(old, holdersOf(this.#holds.values()))) {
      const key = cycle
        .map((wait) => `${wait.owner} ${wait.lock} ${wait.since}`)
        .sort()
        .join('|');
      if (this.#reported.get(key)) continue;
      this.#reported.set(key, true);
      found.push(this.#describe(cycle, time));
    }
    return found;
  }

  gap(_gap: TraceGap): void {
    this.#waits.clear();
    this.#awaited.clear();
    this.#holds.clear();
  }

  reset(): void {
    this.gap({ cpu: null, lost: null });
    this.#reported.clear();
    this.#swept = Number.NEGATIVE_INFINITY;
  }

  #lock(event: TraceEvent, since: number, seen: LockEvent): void {
    const owner = ownerOf(event);
    const key = `${owner} ${seen.lock}`;
    if (seen.kind === 'lock-attempt') {
      const wait = this.#wait(seen, owner, event.pid, this.#texts.shared(event.comm), since);
      this.#waits.set(owner, wait);
      this.#awaited.add(since + this.#minimum, wait);
      return;
    }
    this.#waits.delete(owner);
    if (seen.kind === 'lock-acquired') this.#holds.set(key, this.#wait(seen, owner, event.pid, '', since));
    else this.#holds.delete(key);
  }

  /** Field by field: spreading is many times slower, and there are three of these to each use of a lock. */
  #wait(seen: LockEvent, owner: string, pid: number, comm: string, since: number): Wait {
    const texts = this.#texts;
    return {
      kind: seen.kind,
      class: texts.shared(seen.class),
      mode: texts.shared(seen.mode),
      lock: copyText(seen.lock),
      ip: texts.shared(seen.ip),
      owner,
      pid,
      comm,
      since,
    };
  }

  #describe(cycle: readonly Wait[], time: number): WaitCycle {
    const tasks = cycle.map((wait): WaitingTask => {
      const { pid, comm, lock, class: name, mode, ip, since, owner } = wait;
      const holds = [...this.#holds.values()]
        .filter((hold) => hold.owner === owner)
        .map((hold) => ({ lock: hold.lock, class: hold.class, mode: hold.mode, ip: hold.ip }));
      return { pid, comm, lock, class: name, mode, ip, since, holds };
    });
    return {
      tasks,
      classes: tasks.map((task) => task.class),
      locks: tasks.map((task) => task.lock),
      seconds: Math.round(Math.min(...tasks.map((task) => time - task.since)) * 1e3) / 1e3,
      time,
    };
  }
}

function holdersOf(holds: Iterable<Hold>): ReadonlyMap<string, readonly Hold[]> {
  const byLock = new Map<string, Hold[]>();
  for (const hold of holds) {
    const list = byLock.get(hold.lock);
    if (list) list.push(hold);
    else byLock.set(hold.lock, [hold]);
  }
  return byLock;
}

/** The circles among the waits, each once, by a depth-first walk: waiter → who must go first → what that one waits for. */
function cyclesOf(waits: readonly Wait[], holders: ReadonlyMap<string, readonly Hold[]>): Wait[][] {
  const byOwner = new Map(waits.map((wait) => [wait.owner, wait]));
  const byLock = new Map<string, Wait[]>();
  for (const wait of waits) byLock.set(wait.lock, [...(byLock.get(wait.lock) ?? []), wait]);
  const done = new Set<string>();
  const cycles: Wait[][] = [];
  for (const start of waits) {
    const path: Wait[] = [];
    const walk: { wait: Wait; next: string[] }[] = [];
    const enter = (wait: Wait) => {
      path.push(wait);
      walk.push({ wait, next: blockers(wait, holders, byLock) });
    };
    if (!done.has(start.owner)) enter(start);
    while (walk.length > 0) {
      const top = walk[walk.length - 1];
      const owner = top?.next.pop();
      if (owner === undefined) {
        walk.pop();
        const left = path.pop();
        if (left) done.add(left.owner);
        continue;
      }
      const wait = byOwner.get(owner);
      if (!wait || done.has(owner)) continue;
      const at = path.indexOf(wait);
      if (at >= 0) cycles.push(path.slice(at));
      else enter(wait);
    }
  }
  return cycles;
}

/**
 * Who must go before `wait` can. Readers share; but a reader queues behind a writer that asked before it, as rw_semaphores
 * are fair (kernel/locking/rwsem.c), which is how one task deadlocks on a lock it reads twice.
 */
function blockers(
  wait: Wait,
  holders: ReadonlyMap<string, readonly Hold[]>,
  waiters: ReadonlyMap<string, readonly Wait[]>,
): string[] {
  const holding = (holders.get(wait.lock) ?? []).filter((hold) => wait.mode !== 'R' || hold.mode !== 'R');
  const queued = (waiters.get(wait.lock) ?? []).filter(
    (other) => wait.mode === 'R' && other.mode !== 'R' && other.since < wait.since,
  );
  return [...holding, ...queued].map((entry) => entry.owner);
}
