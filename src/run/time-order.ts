import type { FtraceRecord } from '../grammar/ftrace/index.ts';

type Emit = (record: FtraceRecord) => void;
interface Waiting {
  readonly time: number;
  readonly record: FtraceRecord;
}

/** Records that wait at most: some seconds of a busy guest whose sender does not keep up. */
const MAX_WAITING = 200_000;
/** An event has its time before it is in the buffer; its CPU may have been stopped in between. */
const MARGIN = 0.005;

/**
 * Puts records of several CPUs, each in its own order, into one by time. They wait until it is told that all of an earlier time are
 * there: an end that came before its beginning, on another CPU, would leave something that never ends.
 */
export class TimeOrder {
  #waiting: Waiting[] = [];
  /** Losses wait for the next event of their CPU, which has the time. */
  readonly #losses = new Map<number | null, FtraceRecord[]>();
  readonly #last = new Map<number, number>();
  #reached = Number.NEGATIVE_INFINITY;
  #newest = Number.NEGATIVE_INFINITY;

  push(record: FtraceRecord): void {
    const event = record.kind === 'event' ? record : record.kind === 'stack' ? record.event : undefined;
    if (event === undefined || event.time === null) {
      const cpu = record.kind === 'lost' ? record.cpu : null;
      const known = this.#losses.get(cpu);
      if (known === undefined) this.#losses.set(cpu, [record]);
      else known.push(record);
      return;
    }
    const { cpu, time } = event;
    for (const key of [null, cpu]) {
      for (const loss of this.#losses.get(key) ?? []) this.#waiting.push({ time, record: loss });
      this.#losses.delete(key);
    }
    this.#last.set(cpu, time);
    if (time > this.#newest) this.#newest = time;
    this.#waiting.push({ time, record });
  }

  /** All CPUs have been heard up to `time`; of those that are `unfinished` only what has come. */
  reached(time: number, unfinished: ReadonlySet<number>): void {
    let reached = time - MARGIN;
    for (const cpu of unfinished) reached = Math.min(reached, this.#last.get(cpu) ?? Number.NEGATIVE_INFINITY);
    this.#reached = Math.max(this.#reached, reached);
  }

  release(emit: Emit): void {
    if (this.#waiting.length > MAX_WAITING) this.#reached = this.#newest;
    const ready = this.#waiting.filter(({ time }) => time <= this.#reached);
    if (ready.length === 0) return;
    this.#waiting = this.#waiting.filter(({ time }) => time > this.#reached);
    // Stable, and quick where there are few runs.
    for (const { record } of ready.sort((a, b) => a.time - b.time)) emit(record);
  }

  /** What has come and waits, in no order. */
  *waiting(): Generator<FtraceRecord> {
    for (const { record } of this.#waiting) yield record;
  }

  /** Nothing comes any more, or it comes from another time. */
  flush(emit: Emit): void {
    this.#reached = Number.POSITIVE_INFINITY;
    this.release(emit);
    for (const losses of this.#losses.values()) for (const loss of losses) emit(loss);
    this.#losses.clear();
    this.#last.clear();
    this.#reached = Number.NEGATIVE_INFINITY;
    this.#newest = Number.NEGATIVE_INFINITY;
  }
}
