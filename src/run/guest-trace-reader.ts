import { TraceOrder } from '../analysis/trace-order.ts';
import { type FtraceRecord, FtraceSplitter } from '../grammar/ftrace/index.ts';
import { FrameReader } from '../grammar/ring-buffer/index.ts';

/** `known`: no loss to tell of, but what is made of the order before may be wrong: the end of a loss, a record that comes too late. */
type Emit = (record: FtraceRecord, known?: boolean) => void;

/** Records that wait at most: some seconds of a busy guest whose sender does not keep up. */
const MAX_WAITING = 200_000;
/** A CPU that was busy so long ago is waited for beyond what the sender says. */
const BUSY_SECONDS = 0.1;

/**
 * Bytes of a trace to records: frames with pages of the ring buffer, as a guest of ours sends them, in the order of time, or the text
 * of trace_pipe, which the kernel has put in order but for tens of milliseconds. Which of both it is the first bytes of the run say:
 * behind a restore it may go on anywhere.
 */
export class GuestTraceReader {
  #reader: FrameReader | FtraceSplitter | undefined;
  #emit: Emit = () => {};
  /** What was read last: where it stands. */
  #last: FtraceRecord | undefined;
  readonly #order = new TraceOrder<FtraceRecord, Extract<FtraceRecord, { kind: 'lost' }>>({
    byRounds: true,
    idleSeconds: BUSY_SECONDS,
    size: MAX_WAITING,
    onItem: (record) => this.#emit(record),
    onGap: (lost, ends) => this.#emit(lost, ends),
    onDisorder: (cpu) => {
      const { byte = 0, endByte = 0, line = 0 } = this.#last ?? {};
      this.#emit({ kind: 'lost', cpu, lost: null, byte, endByte, line }, true);
    },
  });

  /** Records come in the order of time: nobody needs to put them in order again. */
  get inOrder(): boolean {
    return this.#reader instanceof FrameReader;
  }

  push(bytes: Uint8Array, emit: Emit): void {
    if (bytes.length === 0) return;
    this.#emit = emit;
    this.#reader ??= isFrames(bytes)
      ? new FrameReader((time, unfinished) => this.#order.reached(time, unfinished))
      : new FtraceSplitter();
    if (this.#reader instanceof FtraceSplitter) this.#reader.push(bytes, emit);
    else this.#reader.push(bytes, (record) => this.#place(record));
  }

  /** What has come, but may still have something before it; in no order. */
  waiting(): Iterable<FtraceRecord> {
    return this.#order.waiting();
  }

  /** What is half there will not be completed, and nothing else will come. */
  flush(emit: Emit): void {
    this.#emit = emit;
    this.#order.flush();
    this.#order.reset();
    this.#reader?.flush(emit);
  }

  #place(record: FtraceRecord): void {
    this.#last = record;
    const event = record.kind === 'stack' ? record.event : record;
    if (record.kind === 'lost') this.#order.gap(record);
    else if (event.kind === 'event' && event.time !== null) this.#order.push(event.cpu, event.time, record);
    else this.#emit(record);
  }
}

/** `V` of VTS1. Text of trace_pipe begins with the padding of a task's name, or with `#` or `CPU:`. */
const MAGIC = 0x56;

function isFrames(bytes: Uint8Array): boolean {
  return bytes[0] === MAGIC && (bytes.length < 2 || bytes[1] === 0x54);
}
