import type { VexfsEvent } from '../model/trace.ts';
import { BoundedMap } from './bounded.ts';
import { Latencies } from './latencies.ts';
import { copyText, TextPool } from './text-pool.ts';
import { ownerOf, type TraceEvent } from './trace-input.ts';

/** What a task waited for, all times together. */
export interface Wait {
  /** For a lock of the module, or asleep somewhere else. */
  readonly for: 'lock' | 'sleep';
  /** The lock's class, or the function that sleeps. */
  readonly name: string;
  readonly times: number;
  readonly ms: number;
  readonly longestMs: number;
  /** Who held the lock when the longest of them began. */
  readonly heldBy: WaitHolder | null;
  /** Of its last sleep, innermost first, the scheduler left out. Empty where the trace has no stacks. */
  readonly stack: readonly string[];
}
export interface WaitHolder {
  readonly pid: number;
  readonly comm: string;
  /** The operation that it was in. */
  readonly op: string | null;
}

interface Sum {
  for: Wait['for'];
  name: string;
  times: number;
  seconds: number;
  longest: number;
  heldBy: WaitHolder | null;
  stack: readonly string[];
}
interface Begun {
  readonly for: Wait['for'];
  name: string;
  readonly since: number;
  readonly heldBy: WaitHolder | null;
  stack: readonly string[];
  /** Losses before it: behind one nobody knows whether it goes on. */
  readonly gaps: number;
}
interface Holder {
  readonly pid: number;
  readonly comm: string;
  readonly since: number;
}
interface Task {
  op: string | null;
  /** Since its operation began. */
  readonly sums: Map<string, Sum>;
  lock: Begun | null;
  sleep: Begun | null;
}

const MAX_TASKS = 1024;
const MAX_LOCKS = 4096;
/** Different things that one operation waits for; the rest of them counts as one. */
const MAX_SUMS = 16;
const MAX_FRAMES = 24;
const SHOWN = 4;

/** `prev_state=D ==> next_comm=…` of sched_switch: asleep, and nothing but what it waits for will wake it. A name may hold the same. */
const UNINTERRUPTIBLE = / prev_state=D\S* ==> next_comm=/;
/** What every sleep goes through (kernel/sched/core.c, kernel/time/timer.c), and the tracer itself. */
const SCHEDULER =
  /^(?:trace_event_raw_event_\w+|__traceiter_\w+|perf_trace_\w+|__bpf_trace_\w+|(?:__)?schedule(?:_\w+)?|io_schedule(?:_\w+)?|preempt_schedule\w*|__cond_resched)$/;

/**
 * What tasks wait for: locks of the module, from attempt to acquisition, and sleeps, from the sched_switch that takes a task off its
 * CPU to the next event that it makes. A sleep for a lock counts as the lock's and lends it its stack. Sums begin anew with each
 * operation. Memory is bounded.
 */
export class Waits {
  readonly #tasks = new BoundedMap<number, Task>(MAX_TASKS);
  readonly #holders = new BoundedMap<string, Holder>(MAX_LOCKS);
  readonly #latencies: Latencies;
  readonly #texts = new TextPool();
  #gaps = 0;

  /** `latencies` hears how long locks are waited for and held, and how long operations take. */
  constructor(latencies: Latencies = new Latencies()) {
    this.#latencies = latencies;
  }

  record(event: TraceEvent, module: VexfsEvent | null): void {
    const { time, pid } = event;
    if (time === null || pid === 0) return;
    const known = this.#known(pid);
    // It runs, or it could not have made an event.
    if (known?.sleep) {
      end(known, known.sleep, time);
      known.sleep = null;
    }
    if (event.name === 'sched_switch' && UNINTERRUPTIBLE.test(event.payload))
      this.#task(pid).sleep = { for: 'sleep', name: 'sleep', since: time, heldBy: null, stack: [], gaps: this.#gaps };
    // An interrupt's locks are not those of the task below it.
    if (module !== null && ownerOf(event) === String(pid)) this.#module(event, time, module);
  }

  /** Behind the record that it belongs to. */
  stack({ pid }: TraceEvent, frames: readonly string[]): void {
    const task = this.#known(pid);
    if (!task?.sleep) return;
    const from = frames.findIndex((frame) => !SCHEDULER.test(frame));
    if (from < 0) return;
    const stack = frames.slice(from, from + MAX_FRAMES).map((frame) => this.#texts.shared(frame));
    task.sleep.name = stack[0] ?? 'sleep';
    task.sleep.stack = stack;
    if (task.lock) task.lock.stack = stack;
  }

  /** Of a task's operation, the longest first, what it still waits for up to `now`. */
  of(pid: number, now: number | null): readonly Wait[] {
    const task = this.#known(pid);
    if (task === undefined) return [];
    const sums = new Map([...task.sums].map(([key, sum]) => [key, { ...sum }]));
    const begun = task.lock ?? task.sleep;
    if (begun !== null && now !== null) add(sums, begun, now);
    return [...sums.values()]
      .sort((a, b) => b.seconds - a.seconds)
      .slice(0, SHOWN)
      .map(({ seconds, longest, ...sum }) => ({ ...sum, ms: milliseconds(seconds), longestMs: milliseconds(longest) }));
  }

  /** What began may have ended unseen. */
  gap(): void {
    this.#gaps += 1;
    this.#holders.clear();
  }

  reset(): void {
    this.#tasks.clear();
    this.#holders.clear();
  }

  #module(event: TraceEvent, time: number, module: VexfsEvent): void {
    const { pid, comm } = event;
    switch (module.kind) {
      case 'op-begin': {
        const task = this.#task(pid);
        task.op = this.#texts.shared(module.op);
        task.sums.clear();
        return;
      }
      case 'lock-attempt': {
        const holder = this.#holders.get(module.lock);
        const heldBy = holder === undefined ? null : this.#holder(holder);
        const name = this.#texts.shared(module.class);
        this.#task(pid).lock = { for: 'lock', name, since: time, heldBy, stack: [], gaps: this.#gaps };
        return;
      }
      case 'lock-acquired': {
        const task = this.#task(pid);
        if (task.lock) {
          end(task, task.lock, time);
          this.#latencies.add('waits', task.lock.name, (time - task.lock.since) * 1e9);
        }
        task.lock = null;
        this.#holders.set(copyText(module.lock), { pid, comm: this.#texts.shared(comm), since: time });
        return;
      }
      case 'lock-release': {
        const holder = this.#holders.get(module.lock);
        // Of several readers only the last is known.
        if (holder?.pid === pid)
          this.#latencies.add('holds', this.#texts.shared(module.class), (time - holder.since) * 1e9);
        this.#holders.delete(module.lock);
        return;
      }
      case 'op-end':
        this.#latencies.add('operations', this.#texts.shared(module.op), module.ns);
        return;
      default:
    }
  }

  #holder({ pid, comm }: Holder): WaitHolder {
    return { pid, comm, op: this.#tasks.get(pid)?.op ?? null };
  }

  #known(pid: number): Task | undefined {
    const task = this.#tasks.get(pid);
    if (task?.lock && task.lock.gaps !== this.#gaps) task.lock = null;
    if (task?.sleep && task.sleep.gaps !== this.#gaps) task.sleep = null;
    return task;
  }

  #task(pid: number): Task {
    const known = this.#known(pid);
    if (known !== undefined) return known;
    const task: Task = { op: null, sums: new Map(), lock: null, sleep: null };
    this.#tasks.set(pid, task);
    return task;
  }
}

/** A sleep within a wait for a lock is that wait. */
function end(task: Task, begun: Begun, time: number): void {
  if (begun.for === 'lock' || task.lock === null) add(task.sums, begun, time);
}

function add(sums: Map<string, Sum>, begun: Begun, until: number): void {
  const seconds = Math.max(0, until - begun.since);
  const own = `${begun.for} ${begun.name}`;
  const name = sums.has(own) || sums.size < MAX_SUMS ? begun.name : 'others';
  const key = `${begun.for} ${name}`;
  const sum = sums.get(key) ?? { for: begun.for, name, times: 0, seconds: 0, longest: 0, heldBy: null, stack: [] };
  sums.set(key, sum);
  sum.times += 1;
  sum.seconds += seconds;
  if (seconds >= sum.longest) {
    sum.longest = seconds;
    sum.heldBy = begun.heldBy;
  }
  if (begun.stack.length > 0) sum.stack = begun.stack;
}

function milliseconds(seconds: number): number {
  return Math.round(seconds * 1e6) / 1e3;
}
