import { LastOperations } from '../analysis/last-operations.ts';
import { DUMP_BEGINS, dumpedEvent, vexfsEvent } from '../grammar/ftrace/index.ts';
import type { Evidence } from '../model/event.ts';
import type { LogLine } from '../model/line.ts';

/** The operations that a kernel printed from its trace buffer when it went down. */
interface Dump {
  readonly stream: string;
  readonly file: string | undefined;
  readonly byte: number;
  endByte: number;
  readonly operations: LastOperations;
  events: number;
}

/**
 * Reads dumps of the trace buffer among the lines of a log. A kernel that goes down takes along what it had not handed out yet
 * through trace_pipe; what it prints itself is there to the last operation.
 */
export class DumpedTrace {
  #dump: Dump | undefined;

  line({ stream, file, byte, endByte, body }: LogLine): void {
    if (body.startsWith(DUMP_BEGINS)) {
      this.#dump = { stream, file, byte, endByte, operations: new LastOperations(), events: 0 };
      return;
    }
    if (this.#dump === undefined || this.#dump.stream !== stream) return;
    const event = body.includes('us') ? dumpedEvent(body) : null;
    if (event === null) return;
    this.#dump.operations.record(event, vexfsEvent(event));
    this.#dump.events += 1;
    this.#dump.endByte = endByte;
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
