import type { FtraceEvent, Place } from './record.ts';

const COMM_COLUMNS = 16;
// Far above what a kernel prints, and safe integers.
const MAX_PID_DIGITS = 10;
const MAX_CPU_DIGITS = 6;
const MAX_STAMP_DIGITS = 20;
const BLANK = 0x20;
const PLUS = 0x2b;
const DASH = 0x2d;
const DOT = 0x2e;
const ZERO = 0x30;
const NINE = 0x39;
const COLON = 0x3a;
const OPEN = 0x28;
const CLOSE = 0x29;
const OPEN_SQUARE = 0x5b;
const CLOSE_SQUARE = 0x5d;

/**
 * Takes an event line apart; null when it is none. `line` is one character a byte (latin1).
 *
 * The task's name may hold anything, a forged prefix too. The kernel pads it to 16 columns (`%16s-%-7d`) and it never has
 * more than 15 bytes, so the dash before the pid stands at column 16, and what is left of it needs no look. In lines
 * that were indented otherwise the last dash within reach that makes a whole prefix counts.
 */
export function parseEventLine(line: string, place: Place): FtraceEvent | null {
  if (line.charCodeAt(COMM_COLUMNS) === DASH) {
    const parsed = parseFrom(line, COMM_COLUMNS, place);
    if (parsed) return parsed;
  }
  for (let at = blanks(line, 0) + COMM_COLUMNS; at >= 0; at--) {
    if (line.charCodeAt(at) !== DASH) continue;
    const parsed = parseFrom(line, at, place);
    if (parsed) return parsed;
  }
  return null;
}

/**
 * Hand-written, since a regular expression over each line costs several times as much; the object is made in one piece, since
 * spreading parts into it took two thirds of the time.
 */
function parseFrom(line: string, dash: number, place: Place): FtraceEvent | null {
  let at = dash + 1;
  const pidEnd = digits(line, at);
  if (pidEnd === at || pidEnd - at > MAX_PID_DIGITS) return null;
  const pid = number(line, at, pidEnd);
  at = blanks(line, pidEnd);
  let tgid: number | null = null;
  if (line.charCodeAt(at) === OPEN) {
    const from = blanks(line, at + 1);
    const to = digits(line, from);
    if (to > from && to - from <= MAX_PID_DIGITS) tgid = number(line, from, to);
    at = line.indexOf(')', at);
    if (at < 0 || line.charCodeAt(at) !== CLOSE) return null;
    at = blanks(line, at + 1);
  }
  if (line.charCodeAt(at) !== OPEN_SQUARE) return null;
  const cpuEnd = digits(line, at + 1);
  if (cpuEnd === at + 1 || cpuEnd - at > MAX_CPU_DIGITS || line.charCodeAt(cpuEnd) !== CLOSE_SQUARE) return null;
  const cpu = number(line, at + 1, cpuEnd);
  at = blanks(line, cpuEnd + 1);

  let flags = '';
  let stampEnd = stamp(line, at);
  if (stampEnd < 0) {
    const from = at;
    while (at < line.length && line.charCodeAt(at) !== BLANK) at++;
    flags = line.slice(from, at);
    at = blanks(line, at);
    stampEnd = stamp(line, at);
    if (stampEnd < 0) return null;
  }
  const stampText = line.slice(at, stampEnd);
  const body = startOfBody(line, stampEnd + 1);
  const nameEnd = endOfName(line, body);
  return {
    kind: 'event',
    byte: place.byte,
    endByte: place.endByte,
    line: place.line,
    comm: utf8(line.slice(padding(line, dash), dash)),
    pid,
    tgid,
    cpu,
    flags,
    time: seconds(line, at, stampEnd),
    stamp: stampText,
    name: nameEnd > body ? line.slice(body, nameEnd) : specialName(line, body),
    payload: nameEnd > body ? utf8(line.slice(startOfPayload(line, nameEnd))) : specialPayload(line, body),
  };
}

/** What stands behind the stamp; `trace-cmd report --ts-diff` puts the time since the last event before it: `(+4811)`. */
function startOfBody(line: string, from: number): number {
  const at = blanks(line, from);
  if (line.charCodeAt(at) !== OPEN || line.charCodeAt(at + 1) !== PLUS) return at;
  const end = digits(line, at + 2);
  return line.charCodeAt(end) === CLOSE ? blanks(line, end + 1) : at;
}

/** Name and payload that begin at `from`, for other prefixes than that of `trace`. */
export function bodyOf(line: string, from: number): Pick<FtraceEvent, 'name' | 'payload'> {
  const body = blanks(line, from);
  const nameEnd = endOfName(line, body);
  if (nameEnd === body) return { name: specialName(line, body), payload: specialPayload(line, body) };
  return { name: line.slice(body, nameEnd), payload: utf8(line.slice(startOfPayload(line, nameEnd))) };
}

/** The end of a stamp `123.456` or `123` that a colon follows; -1 when there is none. */
function stamp(line: string, from: number): number {
  let end = digits(line, from);
  if (end === from || end - from > MAX_STAMP_DIGITS) return -1;
  if (line.charCodeAt(end) === DOT) end = digits(line, end + 1);
  return line.charCodeAt(end) === COLON ? end : -1;
}

/** Seconds of `sss.uuuuuu`; null when there is no dot. */
function seconds(line: string, from: number, end: number): number | null {
  const dot = line.indexOf('.', from);
  if (dot < 0 || dot >= end) return null;
  return Number(line.slice(from, end));
}

/**
 * The end of the name in `name: payload`, or of a syscall `sys_openat(dfd: …)`, `sys_openat -> 0x3`
 * (kernel/trace/trace_syscalls.c); `from` when there is none.
 */
function endOfName(line: string, from: number): number {
  let at = from;
  while (isName(line.charCodeAt(at))) at++;
  const next = line.charCodeAt(at);
  return next === COLON || next === OPEN || (next === BLANK && line.startsWith(' -> ', at)) ? at : from;
}

function startOfPayload(line: string, nameEnd: number): number {
  if (line.charCodeAt(nameEnd) !== COLON) return nameEnd;
  return line.charCodeAt(nameEnd + 1) === BLANK ? nameEnd + 2 : nameEnd + 1;
}

/** The function tracer's `callee <-caller` has no name; stacks come as an event named so. */
function specialName(line: string, from: number): string {
  if (line.startsWith('<stack trace>', from)) return '<stack trace>';
  if (line.startsWith('<user stack trace>', from)) return '<user stack trace>';
  return line.includes(' <-', from) ? 'function' : '';
}

function specialPayload(line: string, from: number): string {
  return line.endsWith('stack trace>') ? '' : utf8(line.slice(from));
}

function isName(code: number): boolean {
  return (
    (code >= 0x61 && code <= 0x7a) || code === 0x5f || (code >= ZERO && code <= NINE) || (code >= 0x41 && code <= 0x5a)
  );
}

/** The column where the name begins: only the padding goes, not the name's own trailing blanks. */
function padding(line: string, dash: number): number {
  return Math.min(blanks(line, 0), dash);
}

function digits(line: string, from: number): number {
  let at = from;
  for (;;) {
    const code = line.charCodeAt(at);
    if (!(code >= ZERO && code <= NINE)) return at;
    at++;
  }
}

function blanks(line: string, from: number): number {
  let at = from;
  while (line.charCodeAt(at) === BLANK) at++;
  return at;
}

function number(line: string, from: number, end: number): number {
  let value = 0;
  for (let at = from; at < end; at++) value = value * 10 + line.charCodeAt(at) - ZERO;
  return value;
}

const WIDE = /[\u0080-\u00ff]/;

/** Text of bytes that were read as latin1; invalid UTF-8 becomes U+FFFD. */
export function utf8(latin1: string): string {
  return WIDE.test(latin1) ? Buffer.from(latin1, 'latin1').toString('utf8') : latin1;
}
