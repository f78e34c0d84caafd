import { type FtraceRecord, FtraceSplitter } from '../grammar/ftrace/index.ts';
import { FrameReader } from '../grammar/ring-buffer/index.ts';
import { TimeOrder } from './time-order.ts';

type Emit = (record: FtraceRecord) => void;

/**
 * Bytes of a trace to records in the order of time: frames with pages of the ring buffer, as a guest of ours sends them, or the text
 * of trace_pipe, which the kernel has put in order. Which of both it is the first bytes of the run say: behind a restore it may go on
 * anywhere.
 */
export class GuestTraceReader {
  #reader: FrameReader | FtraceSplitter | undefined;
  readonly #order = new TimeOrder();

  push(bytes: Uint8Array, emit: Emit): void {
    if (bytes.length === 0) return;
    this.#reader ??= isFrames(bytes)
      ? new FrameReader((time, unfinished) => this.#order.reached(time, unfinished))
      : new FtraceSplitter();
    if (this.#reader instanceof FtraceSplitter) this.#reader.push(bytes, emit);
    else {
      this.#reader.push(bytes, (record) => this.#order.push(record));
      this.#order.release(emit);
    }
  }

  /** What has come, but may still have something before it; in no order. */
  waiting(): Iterable<FtraceRecord> {
    return this.#order.waiting();
  }

  /** What is half there will not be completed, and nothing else will come. */
  flush(emit: Emit): void {
    if (this.#reader instanceof FtraceSplitter) this.#reader.flush(emit);
    else {
      this.#reader?.flush((record) => this.#order.push(record));
      this.#order.flush(emit);
    }
  }
}

/** `V` of VTS1. Text of trace_pipe begins with the padding of a task's name, or with `#` or `CPU:`. */
const MAGIC = 0x56;

function isFrames(bytes: Uint8Array): boolean {
  return bytes[0] === MAGIC && (bytes.length < 2 || bytes[1] === 0x54);
}
