import type { FtraceEvent } from './record.ts';

type Parsed = Omit<FtraceEvent, 'byte' | 'endByte' | 'line'>;

const COMM_COLUMNS = 16;
const BLANK = 0x20;
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
export function parseEventLine(line: string): Parsed | null {
  if (line.charCodeAt(COMM_COLUMNS) === DASH) {
    const parsed = parseFrom(line, COMM_COLUMNS);
    if (parsed) return parsed;
  }
  for (let at = blanks(line, 0) + COMM_COLUMNS; at >= 0; at--) {
    if (line.charCodeAt(at) !== DASH) continue;
    const parsed = parseFrom(line, at);
    if (parsed) return parsed;
  }
  return null;
}

/** Hand-written, since a regular expression over each line costs four times as much. */
function parseFrom(line: string, dash: number): Parsed | null {
  let at = dash + 1;
  const pidEnd = digits(line, at);
  if (pidEnd === at) return null;
  const pid = number(line, at, pidEnd);
  at = blanks(line, pidEnd);
  let tgid: number | null = null;
  if (line.charCodeAt(at) === OPEN) {
    const from = blanks(line, at + 1);
    const to = digits(line, from);
    if (to > from) tgid = number(line, from, to);
    at = line.indexOf(')', at);
    if (at < 0 || line.charCodeAt(at) !== CLOSE) return null;
    at = blanks(line, at + 1);
  }
  if (line.charCodeAt(at) !== OPEN_SQUARE) return null;
  const cpuEnd = digits(line, at + 1);
  if (cpuEnd === at + 1 || line.charCodeAt(cpuEnd) !== CLOSE_SQUARE) return null;
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
  const body = blanks(line, stampEnd + 1);
  return {
    kind: 'event',
    comm: utf8(line.slice(padding(line, dash), dash)),
    pid,
    tgid,
    cpu,
    flags,
    time: seconds(line, at, stampEnd),
    stamp: stampText,
    ...splitBody(line, body),
  };
}

/** The end of a stamp `123.456` or `123` that a colon follows; -1 when there is none. */
function stamp(line: string, from: number): number {
  let end = digits(line, from);
  if (end === from) return -1;
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
 * `name: payload`; a syscall `sys_openat(dfd: …)` or `sys_openat -> 0x3` (kernel/trace/trace_syscalls.c); the function tracer's
 * `callee <-caller`, which has no name.
 */
function splitBody(line: string, from: number): { name: string; payload: string } {
  let at = from;
  while (isName(line.charCodeAt(at))) at++;
  const next = line.charCodeAt(at);
  if (next === COLON && at > from) {
    const payload = line.charCodeAt(at + 1) === BLANK ? at + 2 : at + 1;
    return { name: line.slice(from, at), payload: utf8(line.slice(payload)) };
  }
  if (at > from && (next === OPEN || line.startsWith(' -> ', at))) {
    return { name: line.slice(from, at), payload: utf8(line.slice(at)) };
  }
  const body = utf8(line.slice(from));
  if (body === '<stack trace>' || body === '<user stack trace>') return { name: body, payload: '' };
  return { name: body.includes(' <-') ? 'function' : '', payload: body };
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
