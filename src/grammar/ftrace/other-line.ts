import { utf8 } from './prefix.ts';
import type { FtraceRecord, Place } from './record.ts';

/** kernel/trace/trace.c: `CPU:%d [LOST %lu EVENTS]`, without the number when it is unknown; trace-cmd says `DROPPED`. */
const LOST = /^CPU:(\d{1,6}) \[(?:LOST (?:(\d{1,15}) )?EVENTS|(?:(\d{1,15}) )?EVENTS DROPPED)\]\s*$/;
/** `# entries-in-buffer/entries-written: 452/9266   #P:2`: what is missing was overwritten before the reader came. */
const WRITTEN = /^# entries-in-buffer\/entries-written: (\d{1,15})\/(\d{1,15})/;

/** A line of a trace that is no event: a loss, a header, or something else. */
export function otherLine(text: string, place: Place): FtraceRecord {
  const lost = text.startsWith('CPU:') ? LOST.exec(text) : null;
  if (lost) {
    const count = lost[2] ?? lost[3];
    return { kind: 'lost', cpu: Number(lost[1]), lost: count === undefined ? null : Number(count), ...place };
  }
  const written = text.startsWith('# entries') ? WRITTEN.exec(text) : null;
  const overwritten = written ? Number(written[2]) - Number(written[1]) : 0;
  if (overwritten > 0) return { kind: 'lost', cpu: null, lost: overwritten, ...place };
  return { kind: text.startsWith('#') ? 'header' : 'text', text: utf8(text), ...place };
}
