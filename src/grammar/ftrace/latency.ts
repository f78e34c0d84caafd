import { bodyOf, utf8 } from './prefix.ts';
import type { FtraceEvent, Place } from './record.ts';

/**
 * Behind the dash: pid, CPU glued to the flags, then microseconds since the trace began with a mark for what took long, or, of trace-cmd, the
 * clock: `-29784     0d.h3. 1060191194us+: `, `-143     0d.h1.    24.249142: ` (kernel/trace/trace_output.c, trace_print_lat_context).
 */
const BEHIND = /-(\d{1,10}) +(\d{1,5})(\D[^ ]{2,11}|) +(?:(-?\d{1,15})us[ +!#*@$]?|(\d{1,12}\.\d{1,9})) ?: /y;
/** The task's name is cut to 8 columns, where `trace` has 16. */
const COLUMNS = 8;

/**
 * `latency-format` with `verbose`: name, pid, CPU, flags, preempt count, index, stamp, milliseconds since the trace began and to the next event:
 * `cc1   29784   0 9 00000003 00000000 [3f313bda] 1060191.194ms (+0.008ms): `.
 */
const VERBOSE =
  / +(\d{1,10}) +(\d{1,5}) +([\da-f]{1,8}) ([\da-f]{8}) ([\da-f]{8,16}) \[[\da-f]{1,16}\] (\d{1,15}\.\d{3})ms \(\+?-?\d{1,15}\.\d{3}ms\): /y;
const VERBOSE_COLUMNS = 16;

/**
 * An event of the latency format, which the latency tracers, `latency-format`, `trace-cmd report -l` and the dump of an oops use; null when it
 * is none. `line` is one character a byte. Times are those since the trace began, but of trace-cmd.
 */
export function parseLatencyLine(line: string, place: Place): FtraceEvent | null {
  const lead = leadOf(line);
  for (let at = lead + COLUMNS; at >= 0; at--) {
    if (line.charCodeAt(at) !== DASH) continue;
    BEHIND.lastIndex = at;
    const found = BEHIND.exec(line);
    if (found === null) continue;
    const [all, pid, cpu, flags = '', micros, seconds] = found;
    const time = micros === undefined ? Number(seconds) : Number(micros) / 1e6;
    return event(line, at, at + all.length, place, {
      ...{
        pid: Number(pid),
        cpu: Number(cpu),
        flags,
        time,
        stamp: micros === undefined ? `${seconds}` : `${micros}us`,
      },
    });
  }
  return verbose(line, lead, place);
}

/** The name has 16 columns and keeps its own blanks; in lines that were indented otherwise it ends at the last blank that fits. */
function verbose(line: string, lead: number, place: Place): FtraceEvent | null {
  for (const at of [VERBOSE_COLUMNS, ...columns(lead + VERBOSE_COLUMNS)]) {
    if (line.charCodeAt(at) !== BLANK) continue;
    VERBOSE.lastIndex = at;
    const found = VERBOSE.exec(line);
    if (found === null) continue;
    const [all, pid, cpu, , , , millis] = found;
    const time = Number(millis) / 1e3;
    return event(line, at, at + all.length, place, {
      ...{ pid: Number(pid), cpu: Number(cpu), flags: '', time, stamp: `${millis}ms` },
    });
  }
  return null;
}

/** Columns from the right. */
function columns(from: number): number[] {
  return Array.from({ length: Math.min(from, MAX_LEAD) + 1 }, (_, i) => from - i);
}

const MAX_LEAD = 200;
const DASH = 0x2d;
const BLANK = 0x20;

/** Blanks that the line has more than its columns: lines may have been indented. */
function leadOf(line: string): number {
  let at = 0;
  while (at < line.length && line.charCodeAt(at) === BLANK) at++;
  return Math.min(at, MAX_LEAD);
}

type Head = Pick<FtraceEvent, 'pid' | 'cpu' | 'flags' | 'time' | 'stamp'>;

function event(line: string, commEnd: number, body: number, place: Place, head: Head): FtraceEvent {
  const comm = utf8(line.slice(0, commEnd)).replace(/^ +/, '');
  return { kind: 'event', comm, tgid: null, ...head, ...bodyOf(line, body), ...place };
}
