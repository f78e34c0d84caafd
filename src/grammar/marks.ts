import type { Marks, SourceRef } from '../model/report.ts';
import { NAME, PC, pattern } from './fragments.ts';
import { WAYPOINTS } from './waypoints.ts';

/**
 * Finds what a line refers to: frame, instruction pointer, `at:` names, source positions, starts of stacks. Substring tests come
 * first: most lines carry one mark or none.
 */
export function readMarks(text: string): Marks {
  const marks: Writable<Marks> = {};
  const frames = readFrames(text);
  if (frames) marks.frames = frames;
  if (text.includes('at: ')) {
    const at = AT.exec(text);
    if (at) marks.at = at[1] ?? '';
  }
  if (text.includes(']')) {
    const pc = PC_NAME.exec(text);
    if (pc) marks.pc = pc[1] ?? '';
  }
  const ip = IP.exec(text);
  if (ip) marks.ip = ip[1] ?? null;
  if (text.includes('--- interrupt')) {
    const interrupt = INTERRUPT.exec(text);
    if (interrupt) marks.interrupt = interrupt[1] ?? '';
  }
  if (CALL_TRACE.test(text)) marks.callTrace = true;
  const marker = readMarker(text);
  if (marker) marks.marker = marker;
  if (text.includes('should_fail') && INJECTED.test(text)) marks.injected = true;
  if (text.includes(':')) {
    const sources = readSources(text);
    if (sources) {
      marks.sources = sources;
      if (BYSTANDER.test(text)) marks.bystander = true;
    }
  }
  const waypoints = readWaypoints(text);
  if (waypoints) marks.waypoints = waypoints;
  return marks;
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };

const FRAME = pattern`^\s*(?:${PC} ){0,2}${NAME}`;
/** arch/arm/kernel/traps.c dump_backtrace_entry: `[<c0>] (callee) from [<c1>] (caller+0x1/0x2)`. */
const ARM_FRAME = pattern`^\s*${PC} \(([A-Za-z0-9_.]+)\) from ${PC} \(${NAME}`;
const AT = pattern`^.*at: (?:${PC} +)?${NAME}`;
const PC_NAME = pattern`${PC} +${NAME}`;
const IP = pattern`(?:IP|pc |PC is at):? (?:(?:[0-9]+:)?(?:${PC} +){0,2}${NAME}|(?:[0-9]+:)?0x[0-9a-f]+|(?:[0-9]+:)?${PC} +\[< +\(null\)>\] +\(null\)|(?:[0-9]+:)? *\(null\))`;
const INTERRUPT = pattern`--- interrupt: [0-9a-f]+ at ${NAME}`;
const CALL_TRACE = /(?:Call [Tt]race|Backtrace):/;
const INJECTED = /^\s*(?:\[<?(?:0x)?[0-9a-f]+>?\])? should_fail(?:slab)?(?:\.[a-z0-9.]+)?\+0x/;
const BYSTANDER = /(?:hardirqs|softirqs) last +(?:enabled|disabled)|, at: | #[0-9]+: |Register r[0-9]+ information/;

function readFrames(text: string): readonly string[] | undefined {
  const frame = FRAME.exec(text);
  if (frame) return [frame[1] ?? ''];
  if (!text.includes(' from ')) return undefined;
  const arm = ARM_FRAME.exec(text);
  return arm ? [arm[1] ?? '', arm[2] ?? ''] : undefined;
}

/** Starts of stacks, by kind; the order does not matter, a line is of one kind. */
const MARKERS: readonly (readonly [string, RegExp])[] = [
  ['call-trace', /Call [Tt]race/],
  ['allocated', /Allocated:/],
  ['allocated-by', /Allocated by task [0-9]+:/],
  ['freed', /Freed:/],
  ['freed-by', /Freed by task [0-9]+:/],
  ['backtrace', /(?:^|[^k]) backtrace(?: \(crc [0-9a-f]+\))?:/],
  ['arm-backtrace', /Backtrace:/],
  ['kmsan-stored', /Uninit was stored to memory at/],
  ['riscv-status', /status: [0-9a-f]{16} badaddr: [0-9a-f]{16} cause: [0-9a-f]{16}/],
];

const ANY_MARKER = /Call [Tt]race|Allocated|Freed| backtrace|Backtrace:|Uninit was stored|status: /;

function readMarker(text: string): string | undefined {
  if (!ANY_MARKER.test(text)) return undefined;
  for (const [id, marker] of MARKERS) if (marker.test(text)) return id;
  return undefined;
}

/** More positions than a symbolized line can carry. */
const MAX_SOURCES = 8;

/** `path/file.c:123`: found from the `.c:` backwards, so that a long line costs one pass. */
function readSources(text: string): readonly SourceRef[] | undefined {
  let found: SourceRef[] | undefined;
  for (let colon = text.indexOf(':'); colon >= 0; colon = text.indexOf(':', colon + 1)) {
    if (text.charCodeAt(colon - 2) !== 0x2e || !'ch'.includes(text.charAt(colon - 1))) continue;
    let end = colon + 1;
    while (isDigit(text.charCodeAt(end))) end++;
    let start = colon - 2;
    while (start > 0 && isPathChar(text.charCodeAt(start - 1))) start--;
    if (end === colon + 1 || start === colon - 2) continue;
    found ??= [];
    found.push({ path: text.slice(start, colon), line: Number(text.slice(colon + 1, end)) });
    if (found.length === MAX_SOURCES) break;
  }
  return found;
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

/** Letters, digits and `-_/.`. */
function isPathChar(code: number): boolean {
  return (
    isDigit(code) ||
    (code >= 0x61 && code <= 0x7a) ||
    (code >= 0x41 && code <= 0x5a) ||
    code === 0x2d ||
    code === 0x2e ||
    code === 0x2f ||
    code === 0x5f
  );
}

export function readWaypoints(text: string): Readonly<Record<string, string | null>> | undefined {
  let found: Record<string, string | null> | undefined;
  for (const { id, text: anchor, pattern: re } of WAYPOINTS) {
    if (!text.includes(anchor)) continue;
    const m = re.exec(text);
    if (!m) continue;
    found ??= {};
    found[id] = m[1] ?? null;
  }
  return found;
}
