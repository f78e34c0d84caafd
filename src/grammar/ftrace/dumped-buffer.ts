import { parseLatencyLine } from './latency.ts';
import { otherLine } from './other-line.ts';
import type { FtraceEvent, FtraceRecord, Place } from './record.ts';

type FtraceLost = Extract<FtraceRecord, { kind: 'lost' }>;

const TITLE = 'Dumping ftrace buffer:';
/** Stands before the first and behind the last event; reports of lockdep have rules of other lengths. */
const RULE = '-'.repeat(33);

/** A message of the kernel that begins a dump of its trace buffer (`ftrace_dump_on_oops`, sysrq-z). */
export function beginsDump(message: string): boolean {
  return message.startsWith(TITLE);
}

/**
 * Reads the messages of a kernel log behind that title (kernel/trace/trace.c, ftrace_dump): events in the latency format, their time
 * counted from the first of them, and losses. Messages of others between them are passed over; a first rule that was lost is not missed.
 */
export class DumpedBuffer {
  #rules = 0;

  /** `message` has no printk prefix and is one character a byte; null when it is nothing of the dump's. */
  line(message: string, place: Place): FtraceEvent | FtraceLost | null {
    if (message === RULE) this.#rules++;
    if (message === RULE || this.#rules > 1) return null;
    const event = parseLatencyLine(message, place);
    if (event !== null) return event;
    const other = otherLine(message, place);
    return other.kind === 'lost' ? other : null;
  }
}
