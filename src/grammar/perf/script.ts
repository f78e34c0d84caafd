import { utf8 } from '../ftrace/prefix.ts';
import type { FtraceEvent, Place } from '../ftrace/record.ts';

/**
 * Behind the task's name: pid, perhaps with thread, perhaps a CPU, seconds, perhaps a period, then the event:
 * ` 277/277 [000]   160.872705:   250000 kmem:kmalloc: …` (tools/perf/builtin-script.c, perf_sample__fprintf_start).
 */
const BEHIND =
  / +(?:(\d{1,10})\/)?(-1|\d{1,10}) +(?:\[(\d{3,5})\] +)?(?:[^ ]{4,8} +)?(\d{1,12}\.\d{6,9}): +(?:(\d{1,20}) +)?([^\s:][^\s]{0,127}):(?: |$)/y;
const COLUMNS = 16;
/** Blanks that a line may be indented by. */
const MAX_LEAD = 200;
const BLANK = 0x20;
/** `cycles:ppp`: what stands behind the colon is how exactly, not an event of a subsystem. */
const MODIFIER = /^[ukhHGpPSDWeb]{1,6}$/;

/** A sample of `perf script` or `perf lock script`; null when it is none. `line` is one character a byte. */
export function parsePerfLine(line: string, place: Place): FtraceEvent | null {
  let lead = 0;
  while (lead < MAX_LEAD && line.charCodeAt(lead) === BLANK) lead++;
  // With 16 columns the name keeps its blanks. Else it ends where the last place is from which all the rest follows, before the blanks there.
  for (let i = -1; i <= lead + COLUMNS; i++) {
    const at = i < 0 ? COLUMNS : lead + COLUMNS - i;
    if (line.charCodeAt(at) !== BLANK || (i >= 0 && at > lead && line.charCodeAt(at - 1) === BLANK)) continue;
    BEHIND.lastIndex = at;
    const found = BEHIND.exec(line);
    if (found === null) continue;
    const [all, first, second, cpu, stamp = '', period, event = ''] = found;
    const { subsystem, name } = nameOf(event);
    const comm = utf8(line.slice(0, at)).replace(/^ +/, '');
    return {
      ...{ kind: 'event', comm, pid: Number(second), tgid: first === undefined ? null : Number(first) },
      ...{ cpu: cpu === undefined ? 0 : Number(cpu), flags: '', time: Number(stamp), stamp, name },
      payload: subsystem || period === undefined ? utf8(line.slice(at + all.length)).trim() : `period=${period}`,
      ...place,
    };
  }
  return null;
}

function nameOf(event: string): { readonly subsystem: boolean; readonly name: string } {
  const colon = event.indexOf(':');
  const behind = event.slice(colon + 1);
  if (colon < 0 || behind === '') return { subsystem: false, name: event.replace(/:$/, '') };
  return MODIFIER.test(behind) ? { subsystem: false, name: event.slice(0, colon) } : { subsystem: true, name: behind };
}

const FRAME = /^[ \t]{1,24}([\da-f]{1,16})(?: (.*))?$/;
/** The file ends the line; its path may hold anything, and symbols of C++ hold parentheses without a blank before them. */
const DSO = / \((?:\/|\[).{0,500}\)$/;

/** A frame behind a sample: `ffffffffa3aa92c7 __kmalloc_node+0xa7`, without the file; null when the line is none. */
export function parsePerfFrame(line: string): { readonly text: string; readonly kernel: boolean } | null {
  const found = FRAME.exec(line);
  if (found === null) return null;
  const [, address = '', rest = ''] = found;
  const symbol = rest.replace(DSO, '').trim();
  const known = symbol !== '' && symbol !== '[unknown]';
  return { text: known ? symbol : `0x${address}`, kernel: address.length === 16 && address.startsWith('ff') };
}
