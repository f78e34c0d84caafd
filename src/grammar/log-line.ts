import type { RawLine } from '../base/lines.ts';
import type { Stream } from '../model/chunk.ts';
import type { LogLine } from '../model/line.ts';
import { readBracketPrefix } from './bracket-prefix.ts';
import { namedPriority, type Priority, readPriority } from './priority.ts';
import type { Said } from './record-line.ts';
import { stripTerminal } from './terminal.ts';
import { readClockPrefix, readSyslogProtocol } from './wall-prefix.ts';

export interface LogLineOptions {
  readonly file?: string;
  /** Host nanoseconds of arrival. */
  readonly observed?: number;
  /** `console` accepts only what a serial console or plain dmesg prints: printk stamp, caller tag, level. */
  readonly forms?: 'all' | 'console';
  /** What the record says that the line came in; its text has at most printk's own prefix, which counts more. */
  readonly said?: Said;
}

/**
 * Takes the prefix of a kernel log line apart: dmesg (plain, -r, -x, -T, -d, -e, iso), /dev/kmsg, journalctl (every form of one line),
 * RFC 3164 and 5424 files, serial consoles with terminal codes and login prompts. A line in no known form has `body` equal to `text`.
 * Never throws; the cost is a few character tests.
 */
export function readLogLine(raw: RawLine, stream: Stream, options: LogLineOptions = {}): LogLine {
  const text = options.forms === 'console' ? raw.text.replaceAll('\r', '') : stripTerminal(raw.text);
  const prefix = new Prefix(text);
  prefix.read(options.forms !== 'console' && options.said === undefined);
  const line: Writable<LogLine> = {
    stream,
    byte: raw.byte,
    endByte: raw.endByte,
    line: raw.line,
    text,
    body: prefix.at === 0 ? text : text.slice(prefix.at),
  };
  if (options.said !== undefined) Object.assign(line, options.said);
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

const STAR = 0x2a;
const LESS = 0x3c;
const BRACKET = 0x5b;
const DROPPED = /^\*\* (?:(\d+) )?printk messages dropped \*\* ?/;
const KMSG = /^(\d{1,4}),(\d+),(\d+),[^;]{0,128};/;
const FACILITY =
  /^(kern|user|mail|daemon|auth|syslog|lpr|news|uucp|cron|authpriv|ftp|local\d) *:(emerg|alert|crit|err|warn|notice|info|debug) *: /;
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
    if (text.charCodeAt(0) === STAR) this.#readDropped();
    const prioritized = text.charCodeAt(this.at) === LESS && this.#readPriority();
    if (all && this.#readForeign(text.charCodeAt(this.at), prioritized)) return;
    if (!prioritized && text.charCodeAt(this.at) === LESS) this.#readPriority();
    if (text.charCodeAt(this.at) === BRACKET) {
      if (this.#readStamp() || (all && this.#readBracket())) {
        if (all && this.ident === undefined) this.#readJournalName();
      }
    } else if (this.at === 0 || this.dropped !== undefined) this.#readBehindLogin();
  }

  #readDropped(): void {
    const m = DROPPED.exec(this.#text.slice(0, 64));
    if (!m) return;
    this.dropped = m[1] === undefined ? null : Number(m[1]);
    this.at = m[0].length;
  }

  #readPriority(): boolean {
    const text = this.#text;
    const end = text.indexOf('>', this.at);
    if (end < 0 || end - this.at > 4 || end === this.at + 1) return false;
    const priority = Number(text.slice(this.at + 1, end));
    if (!Number.isInteger(priority) || priority < 0) return false;
    this.#take(readPriority(priority));
    this.at = end + 1;
    return true;
  }

  #take({ level, ident }: Priority): void {
    this.level = level;
    this.ident = ident;
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

  /** What only dmesg or journalctl write is the kernel's, when a priority before it does not say otherwise. */
  #readBracket(): boolean {
    const bracket = readBracketPrefix(this.#text, this.at);
    if (!bracket) return false;
    this.at = bracket.end;
    this.time = bracket.time;
    this.wall = bracket.wall ?? this.wall;
    this.#readJournalName();
    this.ident ??= 'kernel';
    return true;
  }

  /** A console shared with getty: `Debian GNU/Linux 9 host ttyS0\n\nhost login: [   12.3] …`. */
  #readBehindLogin(): void {
    const text = this.#text;
    const prompt = text.slice(0, LOGIN_REACH).indexOf(LOGIN);
    if (prompt < 0) return;
    const before = this.at;
    this.at = prompt + LOGIN.length;
    if (text.charCodeAt(this.at) === LESS) this.#readPriority();
    if (text.charCodeAt(this.at) !== BRACKET || !this.#readStamp()) this.at = before;
  }

  /** Decorations of collectors around, or instead of, the printk prefix. True when nothing is left to read. */
  #readForeign(first: number, prioritized: boolean): boolean {
    const text = this.#text;
    if (isDigit(first)) {
      const kmsg = KMSG.exec(text);
      if (kmsg) {
        this.#take(readPriority(Number(kmsg[1])));
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
      const priority = facility && namedPriority(facility[1] ?? '', facility[2] ?? '');
      if (priority) {
        this.#take(priority);
        this.at = facility[0].length;
      }
      return false;
    }
    const clock = (prioritized ? readSyslogProtocol(text, this.at) : null) ?? readClockPrefix(text, this.at, first);
    if (!clock) return false;
    this.wall = clock.wall;
    this.at = clock.end;
    if (clock.ident !== undefined) this.ident ??= clock.ident;
    return false;
  }
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}
