import { TraceReader } from './reader.ts';
import type { TraceRecord } from './record.ts';

/** So many bytes of a file's beginning say whether it is a trace. */
export const TRACE_REACH = 4096;

/** A line of a kernel log or of a console: `[   71.801412] `, `<6>[ …`, `6,123,45,-;`. */
const LOG_LINE = /^(?:<\d{1,3}>)?\[ {0,8}\d{1,12}\.\d{6}\]|^\d{1,4},\d{1,20},\d{1,20},/;

/**
 * Whether a file is the text of a trace, from its first bytes: the reader knows most of its lines, or the first of them is a heading of its
 * own. A kernel log with a dump of the trace buffer in it is a kernel log.
 */
export function isTrace(head: Uint8Array): boolean {
  const reach = head.subarray(0, TRACE_REACH);
  const end = reach.lastIndexOf(0x0a) + 1;
  const reader = new TraceReader();
  let known = 0;
  let text = 0;
  let log = false;
  let heading = false;
  const count = (record: TraceRecord) => {
    if (record.kind === 'text') {
      if (record.text.trim() !== '') text++;
      if (LOG_LINE.test(record.text)) log = true;
    } else if (record.kind !== 'header') known++;
    else if (HEADING.test(record.text)) heading = true;
  };
  reader.push(reach.subarray(0, end === 0 ? reach.length : end), count);
  reader.flush(count);
  return !log && (heading || (known > 0 && known >= text));
}

/** Headings that nothing but a trace has, so that one without events is known too. */
const HEADING =
  /^#(?: tracer: \w|# event histogram|lock_stat version \d|cpus=\d|version = \d|.{0,40} contended .{1,80} wait| {2,16}Depth {2,8}Size)/;
