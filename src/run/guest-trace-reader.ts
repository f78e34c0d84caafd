import { type FtraceRecord, FtraceSplitter } from '../grammar/ftrace/index.ts';
import { FrameReader } from '../grammar/ring-buffer/index.ts';

type Emit = (record: FtraceRecord) => void;

/**
 * Bytes of a trace to records: frames with pages of the ring buffer, as a guest of ours sends them, or the text of trace_pipe. Which of
 * both it is the first bytes of the run say: behind a restore it may go on anywhere.
 */
export class GuestTraceReader {
  #reader: FrameReader | FtraceSplitter | undefined;
  /** What came of one chunk of pages: one CPU's records stand behind those of another. */
  #batch: FtraceRecord[] = [];

  push(bytes: Uint8Array, emit: Emit): void {
    if (bytes.length === 0) return;
    this.#reader ??= isFrames(bytes) ? new FrameReader() : new FtraceSplitter();
    if (this.#reader instanceof FtraceSplitter) {
      this.#reader.push(bytes, emit);
      return;
    }
    this.#reader.push(bytes, (record) => this.#batch.push(record));
    const batch = this.#batch;
    this.#batch = [];
    for (const record of inOrder(batch)) emit(record);
  }

  /** What is half there will not be completed. */
  flush(emit: Emit): void {
    this.#reader?.flush(emit);
  }
}

/** `V` of VTS1. Text of trace_pipe begins with the padding of a task's name, or with `#` or `CPU:`. */
const MAGIC = 0x56;

function isFrames(bytes: Uint8Array): boolean {
  return bytes[0] === MAGIC && (bytes.length < 2 || bytes[1] === 0x54);
}

/** By time; a loss stands before what came behind it on its CPU. Stable, and linear where there are few runs. */
function inOrder(records: readonly FtraceRecord[]): readonly FtraceRecord[] {
  const times: number[] = [];
  let next = Number.POSITIVE_INFINITY;
  for (let at = records.length - 1; at >= 0; at--) {
    const record = records[at] as FtraceRecord;
    const event = record.kind === 'event' ? record : record.kind === 'stack' ? record.event : undefined;
    next = event?.time ?? next;
    times[at] = next;
  }
  return [...records.keys()].sort((a, b) => compare(times[a], times[b])).map((at) => records[at] as FtraceRecord);
}

function compare(a = 0, b = 0): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
