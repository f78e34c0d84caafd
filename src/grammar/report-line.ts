import type { LogLine } from '../model/line.ts';
import type { LinePlace, Marks, ReportLine, Statement } from '../model/report.ts';
import { anchorPattern } from './anchor.ts';
import { FRAME_LINES } from './lines/frames.ts';
import type { LineRow } from './lines/line-row.ts';
import { LOCK_LINES } from './lines/locks.ts';
import { FAULT_LINES, MACHINE_CHECK_LINES, POINTER_LINES } from './lines/machine.ts';
import { MEMORY_LINES, PAGE_LINES } from './lines/memory.ts';
import { NOTE_LINES } from './lines/notes.ts';
import { OOM_LINES } from './lines/oom.ts';
import { OOPS_LINES } from './lines/oops.ts';
import { SANITIZER_LINES } from './lines/sanitizers.ts';
import { STALL_LINES } from './lines/stalls.ts';
import { UBSAN_LINES } from './lines/ubsan.ts';
import { readMarks, readWaypoints } from './marks.ts';
import { presentFields, readStatements } from './statements/statements.ts';
import { isInlined, undecoded } from './symbolized.ts';

/** Every kind of line inside a report; the first row that fits gives a line its kind. */
export const LINE_ROWS: readonly LineRow[] = [
  ...OOPS_LINES,
  ...POINTER_LINES,
  ...FAULT_LINES,
  ...MACHINE_CHECK_LINES,
  ...FRAME_LINES,
  ...SANITIZER_LINES,
  ...UBSAN_LINES,
  ...PAGE_LINES,
  ...MEMORY_LINES,
  ...OOM_LINES,
  ...LOCK_LINES,
  ...STALL_LINES,
  ...NOTE_LINES,
];

/** What a printk record can hold, and more; patterns see no more than this of a line. */
export const MAX_TEXT = 4096;

/** Recognises a line once: its kind, what it says, what it refers to. With `improve`, lines that were symbolized count too. */
export function readReportLine(line: LogLine, improve: boolean, isHeader = false): ReportLine {
  const cut = line.body.length > MAX_TEXT ? line.body.slice(0, MAX_TEXT) : line.body;
  const body = improve ? undecoded(cut) : cut;
  const inlined = improve && isInlined(body);
  const stamped = isKernelLine(line);
  const frame = isHeader ? undefined : readPlainFrame(body, stamped);
  if (frame) return { place: placeOf(line), raw: rawOf(line), ...frame, says: NOTHING };
  const guess = stamped && !isHeader ? readGuess(body) : undefined;
  const text = guess ?? body;
  const { kind, fields } = classify(body);
  const marks = readMarks(text);
  return {
    place: placeOf(line),
    text,
    raw: rawOf(line),
    kind,
    fields,
    says: inlined ? [] : readStatements(text),
    marks: inlined ? sourcesOnly(marks) : improve ? improved(marks, kind, fields) : marks,
    questionable: guess !== undefined,
  };
}

const NOTHING: readonly Statement[] = [];
const FRAME = LINE_ROWS.find(({ id }) => id === 'frame')?.pattern ?? /$^/;

/**
 * Most lines of a report are frames: ` name+0x1/0x2 [module]` and nothing else is one in a few steps. The signs that are asked for
 * first are those of all rows that come before the frame's.
 */
function readPlainFrame(body: string, stamped: boolean): PlainFrame | undefined {
  if (body.charCodeAt(0) !== 0x20 || !body.includes('+0x')) return undefined;
  const questionable = stamped && body.startsWith(' ? ');
  if (
    body.indexOf('?', 3) >= 0 ||
    (!questionable && body.includes('?')) ||
    body.includes('<') ||
    body.includes(': ') ||
    body.includes(' from ')
  )
    return undefined;
  const m = FRAME.exec(body);
  if (!m?.groups || m[0].length !== body.length) return undefined;
  const { fn = '', file } = m.groups;
  if (file !== undefined || fn.includes('$') || fn.includes('should_fail') || body.includes('(')) return undefined;
  const text = questionable ? body.slice(2) : body;
  const waypoints = readWaypoints(text);
  const marks = { frames: [fn], ...(waypoints && { waypoints }) };
  return { kind: 'frame', text, fields: presentFields(m.groups), marks, questionable };
}

type PlainFrame = Pick<ReportLine, 'kind' | 'text' | 'fields' | 'marks' | 'questionable'>;

function rawOf({ text }: LogLine): string {
  return text.length > MAX_TEXT ? text.slice(0, MAX_TEXT) : text;
}

/** ARM since 5.18 (arch/arm/kernel/traps.c dump_backtrace_entry): ` callee from caller+0x1/0x2`, which syzbot's parser does not know. */
const NEW_ARM_FRAME = 'arm-frame-new';

/** s390 names the place in a status word, not in an instruction pointer. */
const STATUS_WORD = 'psw';

function improved(marks: Marks, kind: string, { fn, caller }: Readonly<Record<string, string>>): Marks {
  if (kind === STATUS_WORD && fn !== undefined) return { ...marks, ip: fn };
  return kind === NEW_ARM_FRAME ? { ...marks, frames: [fn, caller].filter((name) => name !== undefined) } : marks;
}

/** The function that an inlined one is part of stands on the next line, with the same words around it. */
function sourcesOnly({ sources, bystander }: Marks): Marks {
  return { ...(sources && { sources }), ...(bystander && { bystander }) };
}

/** The line bears a sign that printk wrote it. Other programs' messages have times in a journal, too. */
export function isKernelLine(line: LogLine): boolean {
  if (line.ident !== undefined) return line.ident === 'kernel';
  return line.time !== undefined || line.seq !== undefined;
}

/** `?` frames of x86, `(unreliable)` frames of PowerPC: what is left of the line, or undefined when it is vouched for. */
function readGuess(body: string): string | undefined {
  if (body.includes('<EOI>')) return undefined;
  const at = body.indexOf(' ? ');
  if (at >= 0) return body.slice(at + 2);
  return body.endsWith(' (unreliable)') ? body.slice(0, -' (unreliable)'.length) : undefined;
}

/** Texts of so many characters are in few lines: one search for all of them spares a search for each. */
const RARE_LENGTH = 5;
const RARE = anchorPattern(LINE_ROWS.filter(({ text }) => text.length >= RARE_LENGTH));
const COMMON_ROWS = LINE_ROWS.filter(({ text }) => text.length < RARE_LENGTH);

function classify(body: string): { kind: string; fields: Readonly<Record<string, string>> } {
  for (const row of RARE.test(body) ? LINE_ROWS : COMMON_ROWS) {
    if (!body.includes(row.text)) continue;
    const m = row.pattern.exec(body);
    if (m) return { kind: row.id, fields: presentFields(m.groups) };
  }
  return { kind: body.trim() === '' ? 'blank' : 'other', fields: {} };
}

/** One of these is made for each line of each report: assignments cost a tenth of spreads. */
function placeOf({ file, byte, endByte, line, time, wall, level, caller, observed }: LogLine): LinePlace {
  const place: { -readonly [K in keyof LinePlace]: LinePlace[K] } = { byte, endByte, line };
  if (file !== undefined) place.file = file;
  if (time !== undefined) place.time = time;
  if (wall !== undefined) place.wall = wall;
  if (level !== undefined) place.level = level;
  if (caller !== undefined) place.caller = caller;
  if (observed !== undefined) place.observed = observed;
  return place;
}
