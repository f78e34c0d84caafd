import type { LogLine } from '../model/line.ts';
import { readLogLine } from './log-line.ts';

/** kernel/printk/printk.c print_time and print_caller, exactly as they write. */
const STAMP = /\[(?: {0,4}\d{1,5}|\d{6,10})\.\d{6}\](?:\[ *[TC]\d+\])? /y;
/** Lines that one line may hold, and brackets looked at in it. */
const MAX_PARTS = 4;
const MAX_BRACKETS = 16;
const REACH = 4096;

/**
 * A console that was cut within a line (a reset, a snapshot, a shell prompt without newline) goes on with a new line of the kernel
 * right there: each stamp starts a line of its own. What a collector wrote is never torn. Nothing for a line that is one.
 */
export function splitGlued(line: LogLine): readonly LogLine[] | undefined {
  if (line.wall !== undefined || line.seq !== undefined || line.ident !== undefined) return undefined;
  const at = findStamp(line.text, line.text.length - line.body.length);
  if (at === undefined) return undefined;
  const parts: LogLine[] = [];
  let rest = line;
  for (let cut: number | undefined = at; cut !== undefined && parts.length < MAX_PARTS; ) {
    const { text, body } = rest;
    // Exact in ASCII, and never more than it is.
    const byte = rest.byte + cut;
    parts.push({
      ...rest,
      text: text.slice(0, cut),
      body: body.slice(0, cut - (text.length - body.length)),
      endByte: byte,
    });
    rest = readLogLine(
      { byte, endByte: line.endByte, line: line.line, text: text.slice(cut), cut: false },
      line.stream,
      {
        ...(line.file !== undefined && { file: line.file }),
        ...(line.observed !== undefined && { observed: line.observed }),
      },
    );
    cut = findStamp(rest.text, rest.text.length - rest.body.length);
  }
  return [...parts, rest];
}

/** Where a stamp stands behind `from`. */
function findStamp(text: string, from: number): number | undefined {
  let at = text.indexOf('[', from);
  for (let seen = 0; at >= 0 && at < REACH && seen < MAX_BRACKETS; seen++) {
    STAMP.lastIndex = at;
    if (at > 0 && STAMP.test(text)) return at;
    at = text.indexOf('[', at + 1);
  }
  return undefined;
}
