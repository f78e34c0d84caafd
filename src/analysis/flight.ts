import type { LockEvent, VexfsEvent } from '../model/trace.ts';
import { BoundedMap, Ring } from './bounded.ts';
import { copyText, TextPool } from './text-pool.ts';
import { ownerOf, type TraceEvent, type TraceGap } from './trace-input.ts';

export interface FlightLimits {
  /** Records kept of each CPU and of each task. */
  readonly perCpu: number;
  readonly perTask: number;
  readonly tasks: number;
  readonly operations: number;
  readonly locks: number;
  /** Records in a snapshot. */
  readonly shown: number;
}
const LIMITS: FlightLimits = { perCpu: 64, perTask: 24, tasks: 256, operations: 1024, locks: 4096, shown: 32 };
const MAX_CPUS = 1024;
const MAX_PAYLOAD = 200;

interface Kept {
  readonly order: number;
  readonly time: number | null;
  readonly cpu: number;
  readonly pid: number;
  readonly name: string;
  readonly payload: string;
  readonly comm: string;
}
interface Task {
  readonly pid: number;
  readonly comm: string;
}
interface Operation extends Task {
  readonly op: string;
  readonly sb: string;
  readonly ino: string;
  readonly id: string;
  readonly cpu: number;
  readonly since: number | null;
}
interface Lock extends Task {
  readonly class: string;
  readonly mode: string;
  readonly lock: string;
  readonly ip: string;
  readonly since: number | null;
}
interface Open<T extends Task> {
  readonly what: T;
  /** Before it. */
  readonly doubts: number;
}
/** `certain` is false when a gap came after: it may have ended unseen. */
type Told<T> = T & { readonly certain: boolean };

/** The `flight` field of a finding: what the module was doing before. Times are trace seconds. */
export interface FlightSnapshot {
  /** `unknown` after a gap, or when tracing began after the module: what is listed happened, what is not may have. */
  readonly state: 'complete' | 'unknown';
  readonly gaps: number;
  readonly lastGap: number | null;
  readonly time: number | null;
  readonly operations: readonly (Told<Operation> & { readonly ageMs: number | null })[];
  readonly held: readonly Told<Lock>[];
  readonly waiting: readonly Told<Lock>[];
  /** Oldest first, `comm` last as it may hold anything. */
  readonly records: readonly Readonly<
    Record<'time' | 'cpu' | 'pid' | 'name' | 'payload' | 'comm', string | number | null>
  >[];
}

/**
 * Keeps the last records of each CPU and task, the operations in flight and the locks held and attempted. Memory is bounded by
 * the limits, whatever comes. After a gap entries stay but are no longer certain.
 */
export class FlightRecorder {
  readonly #limits: FlightLimits;
  readonly #cpus = new BoundedMap<number, Ring<Kept>>(MAX_CPUS);
  readonly #tasks: BoundedMap<number, Ring<Kept>>;
  readonly #operations: BoundedMap<string, Open<Operation>>;
  readonly #held: BoundedMap<string, Open<Lock>>;
  readonly #waiting: BoundedMap<string, Open<Lock>>;
  readonly #texts = new TextPool();
  readonly #fromStart: boolean;
  #order = 0;
  #gaps = 0;
  /** Goes up with each end of a gap as well. */
  #doubts = 0;
  #lastGap: number | null = null;
  #time: number | null = null;

  /** `fromStart`: tracing was on before the module was loaded, so that nothing can be in flight unseen. */
  constructor(options: { readonly fromStart?: boolean; readonly limits?: Partial<FlightLimits> } = {}) {
    this.#fromStart = options.fromStart ?? false;
    this.#limits = { ...LIMITS, ...options.limits };
    this.#tasks = new BoundedMap(this.#limits.tasks);
    this.#operations = new BoundedMap(this.#limits.operations);
    this.#held = new BoundedMap(this.#limits.locks);
    this.#waiting = new BoundedMap(this.#limits.locks);
  }

  /** One record, and what it says of the module when it is one of its events. */
  record(event: TraceEvent, module: VexfsEvent | null): void {
    const entry = kept(event, this.#order++, this.#texts);
    ring(this.#cpus, event.cpu, this.#limits.perCpu, entry.order).push(entry);
    if (event.pid !== 0) ring(this.#tasks, event.pid, this.#limits.perTask, entry.order).push(entry);
    if (event.time !== null && (this.#time === null || event.time > this.#time)) this.#time = event.time;
    if (module) this.#module(event, entry.comm, module);
  }

  /** `known`: it has been told of, and is over now. */
  gap(_gap: TraceGap, known = false): void {
    this.#doubts += 1;
    if (known) return;
    this.#gaps += 1;
    this.#lastGap = this.#time;
  }

  /** The guest was reset: nothing of before is in flight. */
  reset(): void {
    for (const table of [this.#cpus, this.#tasks, this.#operations, this.#held, this.#waiting]) table.clear();
    this.#gaps = 0;
    this.#lastGap = null;
    this.#time = null;
  }

  /**
   * With `pid` only that task's records, and of the rest what concerns it comes first. `ahead` are records that have come and are
   * not in order yet: they happened, and are shown; what they say of operations and locks waits for its turn.
   */
  snapshot(options: { readonly pid?: number; readonly ahead?: readonly TraceEvent[] } = {}): FlightSnapshot {
    const { pid, ahead = [] } = options;
    const first = <T extends Task>(entries: Iterable<Open<T>>) => ownFirst(entries, pid, this.#limits.shown);
    const certain = ({ doubts }: { readonly doubts: number }) => doubts === this.#doubts;
    const evicted = this.#operations.evicted + this.#held.evicted + this.#waiting.evicted;
    return {
      state: this.#fromStart && this.#gaps === 0 && evicted === 0 ? 'complete' : 'unknown',
      gaps: this.#gaps,
      lastGap: this.#lastGap,
      time: this.#time,
      // Field by field: a finding of many has this, and spreading takes most of it.
      operations: first(this.#operations.values()).map((open) => {
        const { op, sb, ino, id, pid, comm, cpu, since } = open.what;
        const ageMs = milliseconds(since, this.#time);
        return { op, sb, ino, id, pid, comm, cpu, since, certain: certain(open), ageMs };
      }),
      held: first(this.#held.values()).map((open) => ({ ...open.what, certain: certain(open) })),
      waiting: first(this.#waiting.values()).map((open) => ({ ...open.what, certain: certain(open) })),
      records: this.#last(pid, ahead).map(({ order: _, ...record }) => record),
    };
  }

  #last(pid: number | undefined, ahead: readonly TraceEvent[]): Kept[] {
    const own = pid === undefined ? undefined : this.#tasks.get(pid);
    const ofTask = ahead.filter((event) => event.pid === pid);
    // Of a task that nothing is known of, what the others did.
    const known = own !== undefined || ofTask.length > 0;
    const before = known
      ? (own?.list() ?? [])
      : [...this.#cpus.values()].flatMap((each) => each.list()).sort((a, b) => a.order - b.order);
    const behind = [...(known ? ofTask : ahead)]
      .sort((a, b) => (a.time ?? 0) - (b.time ?? 0))
      .slice(-this.#limits.shown)
      .map((event) => kept(event, this.#order, this.#texts));
    return [...before, ...behind].slice(-this.#limits.shown);
  }

  #module(event: TraceEvent, comm: string, module: VexfsEvent): void {
    const { pid, cpu, time } = event;
    const shared = (text: string) => this.#texts.shared(text);
    switch (module.kind) {
      case 'op-begin': {
        const [op, sb] = [shared(module.op), shared(module.sb)];
        const [ino, id] = [copyText(module.ino), copyText(module.id)];
        const what = { op, sb, ino, id, pid, comm, cpu, since: time };
        this.#operations.set(`${sb} ${id}`, { what, doubts: this.#doubts });
        return;
      }
      case 'op-end':
        this.#operations.delete(`${module.sb} ${module.id}`);
        return;
      case 'lock-attempt':
      case 'lock-acquired':
      case 'lock-release': {
        const owner = ownerOf(event);
        const key = `${owner} ${module.lock}`;
        // A task attempts one lock at a time; acquiring and releasing both end an attempt.
        if (module.kind === 'lock-attempt') this.#waiting.set(owner, this.#lock(module, pid, comm, time));
        else this.#waiting.delete(owner);
        if (module.kind === 'lock-acquired') this.#held.set(key, this.#lock(module, pid, comm, time));
        if (module.kind === 'lock-release') this.#held.delete(key);
        return;
      }
      default:
    }
  }

  #lock(event: LockEvent, pid: number, comm: string, since: number | null): Open<Lock> {
    const { class: name, mode, lock, ip } = event;
    const texts = this.#texts;
    const what = {
      class: texts.shared(name),
      mode: texts.shared(mode),
      lock: copyText(lock),
      ip: texts.shared(ip),
      pid,
      comm,
      since,
    };
    return { what, doubts: this.#doubts };
  }
}

function kept({ time, cpu, pid, comm, name, payload }: TraceEvent, order: number, texts: TextPool): Kept {
  const short = copyText(payload.slice(0, MAX_PAYLOAD));
  return { order, time, cpu, pid, name: texts.shared(name), payload: short, comm: texts.shared(comm) };
}

/** The ring of a key. Moving it to the front of the map costs more than the rest: every sixteenth record will do. */
function ring<K>(rings: BoundedMap<K, Ring<Kept>>, key: K, size: number, order: number): Ring<Kept> {
  const known = rings.get(key);
  if (known && order % 16 !== 0) return known;
  const found = known ?? new Ring<Kept>(size);
  rings.set(key, found);
  return found;
}

/** At most `size` of them, those of a task before all others. */
function ownFirst<T extends Task>(entries: Iterable<Open<T>>, pid: number | undefined, size: number): Open<T>[] {
  const own: Open<T>[] = [];
  const others: Open<T>[] = [];
  for (const entry of entries) {
    const list = entry.what.pid === pid ? own : others;
    if (list.length < size) list.push(entry);
  }
  return [...own, ...others].slice(0, size);
}

function milliseconds(from: number | null, to: number | null): number | null {
  return from === null || to === null ? null : Math.max(0, Math.round((to - from) * 1e6) / 1e3);
}
