import type { RawLine } from '../base/lines.ts';
import type { Stream } from '../model/chunk.ts';
import type { LogLine } from '../model/line.ts';
import { stripTerminal } from './terminal.ts';
import { MONTHS, readClockPrefix, WEEKDAYS } from './wall-prefix.ts';

export interface LogLineOptions {
  readonly file?: string;
  /** Host nanoseconds of arrival. */
  readonly observed?: number;
  /** `console` accepts only what a serial console or plain dmesg prints: printk stamp, caller tag, level. */
  readonly forms?: 'all' | 'console';
}

/**
 * Takes the prefix of a kernel log line apart: dmesg (plain, -r, -x, -T, iso), /dev/kmsg, journalctl (short, short-monotonic,
 * short-iso), RFC 3164 files, serial consoles with terminal codes and login prompts. A line in no known form has `body` equal
 * to `text`. Never throws; the cost is a few character tests.
 */
export function readLogLine(raw: RawLine, stream: Stream, options: LogLineOptions = {}): LogLine {
  const text = options.forms === 'console' ? raw.text.replaceAll('\r', '') : stripTerminal(raw.text);
  const prefix = new Prefix(text);
  prefix.read(options.forms !== 'console');
  const line: Writable<LogLine> = {
    stream,
    byte: raw.byte,
    endByte: raw.endByte,
    line: raw.line,
    text,
    body: prefix.at === 0 ? text : text.slice(prefix.at),
  };
  if (options.file !== undefined) line.file = options.file;
  if (options.observed !== undefined) line.observed = options.observed;
  if (prefix.time !== undefined) line.time = prefix.time;
  if (prefix.level !== undefined) line.level = prefix.level;
  if (prefix.caller !== undefined) line.caller = prefix.caller;
  if (prefix.wall !== undefined) line.wall = prefix.wall;
  if (prefix.ident !== undefined) line.ident = prefix.ident;
  if (prefix.seq !== undefined) line.seq = prefix.seq;
  if (prefix.dropped !== undefined) line.dropped = prefix.dropped;
  return line;
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };

const DROPPED = /^\*\* (?:(\d+) )?printk messages dropped \*\* ?/;
const KMSG = /^(\d{1,4}),(\d+),(\d+),[^;]{0,128};/;
const FACILITY =
  /^(?:kern|user|mail|daemon|auth|syslog|lpr|news|uucp|cron|authpriv|ftp|local\d) *:(emerg|alert|crit|err|warn|notice|info|debug) *: /;
const LEVELS = ['emerg', 'alert', 'crit', 'err', 'warn', 'notice', 'info', 'debug'];
const JOURNAL_NAME = ' kernel: ';
const JOURNAL_REACH = 80;
const LOGIN = 'login: ';
/** A prompt stands near the line start; looking further would cost on long lines. */
const LOGIN_REACH = 256;

class Prefix {
  at = 0;
  time: number | undefined;
  level: number | undefined;
  caller: string | undefined;
  wall: string | undefined;
  ident: string | undefined;
  seq: number | undefined;
  dropped: number | null | undefined;
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  read(all: boolean): void {
    const text = this.#text;
    const first = text.charCodeAt(0);
    if (first === 0x2a /* * */) this.#readDropped();
    if (all && this.#readForeign(text.charCodeAt(this.at))) return;
    if (text.charCodeAt(this.at) === 0x3c /* < */) this.#readLevel();
    if (text.charCodeAt(this.at) === 0x5b /* [ */) {
      if (!this.#readStamp()) {
        if (all) this.#readCtime();
      } else if (all) this.#readJournalName();
    } else if (this.at === 0 || this.dropped !== undefined) this.#readBehindLogin();
  }

  #readDropped(): void {
    const m = DROPPED.exec(this.#text.slice(0, 64));
    if (!m) return;
    this.dropped = m[1] === undefined ? null : Number(m[1]);
    this.at = m[0].length;
  }

  #readLevel(): void {
    const text = this.#text;
    const end = text.indexOf('>', this.at);
    if (end < 0 || end - this.at > 4 || end === this.at + 1) return;
    const priority = Number(text.slice(this.at + 1, end));
    if (!Number.isInteger(priority)) return;
    this.level = priority & 7;
    this.at = end + 1;
  }

  /** `[   12.345678] ` and `[   12.345678][  T123] ` (kernel/printk/printk.c print_time, print_caller). */
  #readStamp(): boolean {
    const text = this.#text;
    let i = this.at + 1;
    while (text.charCodeAt(i) === 0x20) i++;
    const from = i;
    while (isDigit(text.charCodeAt(i))) i++;
    if (i === from || text.charCodeAt(i) !== 0x2e) return false;
    const dot = i++;
    while (isDigit(text.charCodeAt(i))) i++;
    if (i === dot + 1 || text.charCodeAt(i) !== 0x5d) return false;
    let end = i + 1;
    let caller: string | undefined;
    if (text.charCodeAt(end) === 0x5b) {
      let j = end + 1;
      while (text.charCodeAt(j) === 0x20) j++;
      const tag = j++;
      while (isDigit(text.charCodeAt(j))) j++;
      const letter = text.charCodeAt(tag);
      if ((letter === 0x54 || letter === 0x43) && j > tag + 1) {
        while (text.charCodeAt(j) === 0x20) j++;
        if (text.charCodeAt(j) === 0x5d) {
          caller = text.slice(tag, j).trim();
          end = j + 1;
        }
      }
    }
    if (text.charCodeAt(end) !== 0x20 && end !== text.length) return false;
    this.time = Number(text.slice(from, i));
    this.caller = caller;
    this.at = Math.min(end + 1, text.length);
    return true;
  }

  /** `host kernel: ` behind the stamp of journalctl -o short-monotonic. */
  #readJournalName(): void {
    const head = this.#text.slice(this.at, this.at + JOURNAL_REACH);
    const name = head.indexOf(JOURNAL_NAME);
    if (name <= 0 || head.indexOf(' ') !== name) return;
    this.ident = 'kernel';
    this.at += name + JOURNAL_NAME.length;
  }

  /** `[Sat Nov 21 02:31:46 2026] ` of dmesg -T. */
  #readCtime(): void {
    const text = this.#text;
    if (!WEEKDAYS.has(text.slice(this.at + 1, this.at + 4))) return;
    const end = text.indexOf('] ', this.at);
    if (end < 0 || end - this.at > 32) return;
    const parts = text
      .slice(this.at + 1, end)
      .split(' ')
      .filter(Boolean);
    const month = MONTHS.indexOf(parts[1] ?? '') + 1;
    if (month === 0 || parts.length !== 5) return;
    this.wall = `${parts[4]}-${two(month)}-${two(Number(parts[2]))}T${parts[3]}`;
    this.ident = 'kernel';
    this.at = end + 2;
  }

  /** A console shared with getty: `Debian GNU/Linux 9 host ttyS0\n\nhost login: [   12.3] …`. */
  #readBehindLogin(): void {
    const text = this.#text;
    const prompt = text.slice(0, LOGIN_REACH).indexOf(LOGIN);
    if (prompt < 0) return;
    const before = this.at;
    this.at = prompt + LOGIN.length;
    if (text.charCodeAt(this.at) === 0x3c) this.#readLevel();
    if (text.charCodeAt(this.at) !== 0x5b || !this.#readStamp()) this.at = before;
  }

  /** Decorations of collectors around, or instead of, the printk prefix. True when nothing is left to read. */
  #readForeign(first: number): boolean {
    const text = this.#text;
    if (isDigit(first)) {
      const kmsg = KMSG.exec(text);
      if (kmsg) {
        this.level = Number(kmsg[1]) & 7;
        this.seq = Number(kmsg[2]);
        this.time = Number(kmsg[3]) / 1e6;
        const caller = /,caller=([TC]\d+)/.exec(kmsg[0]);
        if (caller) this.caller = caller[1];
        this.at = kmsg[0].length;
        return true;
      }
    }
    if (first >= 0x61 && first <= 0x7a) {
      const facility = FACILITY.exec(text.slice(0, 40));
      if (facility) {
        this.level = LEVELS.indexOf(facility[1] ?? '');
        this.at = facility[0].length;
      }
      return false;
    }
    const clock = readClockPrefix(text, this.at, first);
    if (!clock) return false;
    this.wall = clock.wall;
    this.at = clock.end;
    if (clock.ident !== undefined) this.ident = clock.ident;
    return false;
  }
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

function two(n: number): string {
  return String(n).padStart(2, '0');
}
