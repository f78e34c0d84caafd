import type { VexfsEvent } from '../model/trace.ts';
import { BoundedMap } from './bounded.ts';
import { ConfirmedTime } from './confirmed-time.ts';
import { Deadlines } from './deadlines.ts';
import { copyText, TextPool } from './text-pool.ts';
import type { TraceEvent, TraceGap } from './trace-input.ts';

export interface SlowOperationOptions {
  /** Longer operations are slow, milliseconds. Default 1000. */
  readonly thresholdMs?: number;
  /** Thresholds of single operations, by name. */
  readonly perOperation?: Readonly<Record<string, number>>;
  /** At most one finding for an operation's name in so many seconds of trace time; the rest is counted. Default 60. */
  readonly everySeconds?: number;
}

/** What a `slow-operation` finding rests on. */
export interface SlowOperation {
  readonly op: string;
  readonly sb: string;
  readonly ino: string;
  readonly pid: number;
  readonly comm: string;
  readonly cpu: number;
  readonly durationMs: number;
  readonly thresholdMs: number;
  /** What it returned; null while it is still in flight. */
  readonly ret: number | null;
  /** Trace seconds of its end, or of now while it is in flight. */
  readonly time: number | null;
  /** Slow ones of the same name since the last finding that were not reported. */
  readonly suppressed: number;
}

type By = Pick<SlowOperation, 'pid' | 'comm' | 'cpu'>;
interface Begun extends By {
  readonly key: string;
  readonly op: string;
  readonly sb: string;
  readonly ino: string;
  readonly since: number;
  reported: boolean;
}

const MAX_IN_FLIGHT = 4096;
const MAX_NAMES = 256;
const SWEEP_SECONDS = 0.25;

/**
 * Finds operations that take too long: by `op_end`'s own measure, which needs no beginning and survives gaps, and those still in
 * flight as trace time goes on. An operation is reported once.
 */
export class SlowOperations {
  readonly #options: Required<SlowOperationOptions>;
  readonly #begun = new BoundedMap<string, Begun>(MAX_IN_FLIGHT);
  /** Those that will be slow if they do not end before. */
  readonly #awaited = new Deadlines<Begun>((begun) => this.#begun.get(begun.key) === begun);
  readonly #last = new BoundedMap<string, { time: number; suppressed: number }>(MAX_NAMES);
  readonly #texts = new TextPool();
  readonly #confirmed = new ConfirmedTime();
  #swept = Number.NEGATIVE_INFINITY;

  constructor(options: SlowOperationOptions = {}) {
    this.#options = { thresholdMs: 1000, perOperation: {}, everySeconds: 60, ...options };
  }

  record(event: TraceEvent, module: VexfsEvent | null): SlowOperation[] {
    const found: SlowOperation[] = [];
    this.#confirmed.record(event);
    if (module?.kind === 'op-begin') this.#begins(event, module);
    else if (module?.kind === 'op-end') {
      const key = `${module.sb} ${module.id}`;
      const known = this.#begun.get(key)?.reported ?? false;
      this.#begun.delete(key);
      if (!known) this.#check(module, event, module.ns / 1e6, module.ret, event.time, found);
    }
    if (event.time !== null) found.push(...this.advance(event.time));
    return found;
  }

  /** Trace time goes on without events of the module: call it when nothing comes. */
  advance(time: number): SlowOperation[] {
    const found: SlowOperation[] = [];
    if (Math.abs(time - this.#swept) < SWEEP_SECONDS) return found;
    this.#swept = time;
    for (const begun of this.#awaited.due(this.#confirmed.at(time))) {
      begun.reported = true;
      const durationMs = Math.max((time - begun.since) * 1e3, this.#threshold(begun.op));
      this.#check(begun, begun, durationMs, null, time, found);
    }
    return found;
  }

  /** Ends may have been lost: what is in flight is unknown. */
  gap(_gap: TraceGap): void {
    this.#begun.clear();
    this.#awaited.clear();
  }

  reset(): void {
    this.#begun.clear();
    this.#awaited.clear();
    this.#last.clear();
    this.#confirmed.reset();
    this.#swept = Number.NEGATIVE_INFINITY;
  }

  #begins({ pid, comm, cpu, time: since }: TraceEvent, module: Extract<VexfsEvent, { kind: 'op-begin' }>): void {
    if (since === null) return;
    const [op, sb, ino] = [this.#texts.shared(module.op), this.#texts.shared(module.sb), copyText(module.ino)];
    const key = `${sb} ${module.id}`;
    const begun = { key, op, sb, ino, pid, comm: this.#texts.shared(comm), cpu, since, reported: false };
    this.#begun.set(begun.key, begun);
    this.#awaited.add(since + this.#threshold(op) / 1e3, begun);
  }

  #threshold(op: string): number {
    return Object.hasOwn(this.#options.perOperation, op)
      ? (this.#options.perOperation[op] ?? this.#options.thresholdMs)
      : this.#options.thresholdMs;
  }

  #check(
    what: { readonly op: string; readonly sb: string; readonly ino: string },
    { pid, comm, cpu }: By,
    durationMs: number,
    ret: number | null,
    time: number | null,
    found: SlowOperation[],
  ): void {
    const thresholdMs = this.#threshold(what.op);
    if (durationMs < thresholdMs) return;
    const last = this.#last.get(what.op);
    if (last && time !== null && Math.abs(time - last.time) < this.#options.everySeconds) {
      last.suppressed += 1;
      return;
    }
    this.#last.set(what.op, { time: time ?? 0, suppressed: 0 });
    const { op, sb, ino } = what;
    const rounded = Math.round(durationMs * 1e3) / 1e3;
    const suppressed = last?.suppressed ?? 0;
    found.push({ op, sb, ino, pid, comm, cpu, durationMs: rounded, thresholdMs, ret, time, suppressed });
  }
}
