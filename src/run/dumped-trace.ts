import { LastOperations } from '../analysis/last-operations.ts';
import { beginsDump, DumpedBuffer, vexfsEvent } from '../grammar/ftrace/index.ts';
import type { Evidence } from '../model/event.ts';
import type { LogLine } from '../model/line.ts';

/** The operations that a kernel printed from its trace buffer when it went down. */
interface Dump {
  readonly stream: string;
  readonly file: string | undefined;
  readonly byte: number;
  endByte: number;
  readonly buffer: DumpedBuffer;
  readonly operations: LastOperations;
  events: number;
}

/**
 * Reads dumps of the trace buffer among the lines of a log. A kernel that goes down takes along what it had not handed out yet
 * through trace_pipe; what it prints itself is there to the last operation.
 */
export class DumpedTrace {
  #dump: Dump | undefined;

  line({ stream, file, byte, endByte, line, body }: LogLine): void {
    if (beginsDump(body)) {
      const fresh = { buffer: new DumpedBuffer(), operations: new LastOperations(), events: 0 };
      this.#dump = { stream, file, byte, endByte, ...fresh };
      return;
    }
    const dump = this.#dump;
    if (dump?.stream !== stream) return;
    const event = dump.buffer.line(Buffer.from(body).toString('latin1'), { byte, endByte, line });
    if (event?.kind !== 'event') return;
    dump.operations.record(event, vexfsEvent(event));
    dump.events += 1;
    dump.endByte = endByte;
  }

  /** Of a report that is complete: what was dumped within it or right behind it, since a report of before knows nothing of it. */
  of({ stream, file, byte }: Evidence): Readonly<Record<string, unknown>> | undefined {
    const dump = this.#dump;
    if (dump === undefined || dump.events === 0) return undefined;
    if (dump.stream !== stream || dump.file !== file || dump.byte < byte) return undefined;
    const evidence = { stream, ...(file !== undefined && { file }), byte: dump.byte, endByte: dump.endByte };
    return { operations: dump.operations.list(), events: dump.events, evidence };
  }

  /** Another boot: what the former one printed is over. */
  boundary(): void {
    this.#dump = undefined;
  }
}
