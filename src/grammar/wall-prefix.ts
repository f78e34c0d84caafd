/** A wall clock prefix, as log collectors put before the message. */
export interface ClockPrefix {
  readonly wall: string;
  /** Where the rest of the line starts. */
  readonly end: number;
  /** Program that wrote the message; absent when the prefix carries none. */
  readonly ident?: string;
}

export const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
export const WEEKDAYS = new Set(['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun']);

const ISO = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:[.,](\d{1,9}))?(Z|[+-]\d\d:?\d\d)? /;
const RFC3164 = /^([A-Z][a-z]{2}) ([ \d]\d) (\d\d:\d\d:\d\d)(?:\.\d{1,9})? /;
const FULL =
  /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) (\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)(?:\.\d{1,9})? (?:[A-Z]{1,5}|[+-]\d{2,4}) /;
const UNIX = /^(\d{9,11})\.(\d{6}) /;
/** `1 2026-11-21T02:52:42.745635+00:00 host kernel - - - `, behind the priority. */
const RFC5424 =
  /^1 (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)) \S{1,255} (\S{1,48}) \S{1,128} \S{1,32} (?:-|\[[^\]]{0,512}\])(?: |$)/;
const MONOTONIC_IDENT = /^([A-Za-z0-9._-]{1,64}) ([A-Za-z0-9._/@()+-]{1,128})(?:\[\d{1,10}\])?: /;
/** No prefix of these forms is longer; slicing first keeps a 64 KiB line cheap. */
const REACH = 512;

/** Microseconds since 1970 as ISO 8601. */
export function isoOf(usec: number): string | undefined {
  if (!Number.isSafeInteger(usec) || usec < 0) return undefined;
  const seconds = new Date(Math.floor(usec / 1e6) * 1e3).toISOString().slice(0, 19);
  return `${seconds}.${String(usec % 1e6).padStart(6, '0')}Z`;
}

/** Wall time as seconds since 1970; without a year those of another year, good for differences only. */
export function secondsOf(wall: string | undefined): number | undefined {
  const ms = wall === undefined ? Number.NaN : Date.parse(wall.replace(/^--/, '2000-'));
  return Number.isNaN(ms) ? undefined : ms / 1e3;
}

/** RFC 5424, as rsyslog's RSYSLOG_SyslogProtocol23Format writes it; the priority has been read. */
export function readSyslogProtocol(text: string, at: number): ClockPrefix | null {
  const m = RFC5424.exec(text.slice(at, at + 1200));
  return m && { wall: m[1] ?? '', end: at + m[0].length, ident: m[2] ?? '' };
}

/**
 * Reads `2026-11-21T02:31:46,453171+00:00 ` (dmesg --time-format iso), `Nov 21 02:52:42 host kernel: ` (RFC 3164, journalctl
 * short), `2026-11-21T02:52:42.745635+0000 host kernel: ` (short-iso-precise) and `Sat 2026-11-21 02:52:42 UTC host kernel: `
 * (short-full), `1763693562.745635 host kernel: ` (short-unix). RFC 3164 has no year; its wall time is `--MM-DDThh:mm:ss` as ISO 8601 once allowed.
 */
export function readClockPrefix(text: string, at: number, first: number): ClockPrefix | null {
  if (first >= 0x30 && first <= 0x39) return readIso(text.slice(at, at + REACH), at);
  if (first < 0x41 || first > 0x5a || text.charCodeAt(at + 3) !== 0x20) return null;
  const head = text.slice(at, at + REACH);
  const short = RFC3164.exec(head);
  if (short) {
    const month = MONTHS.indexOf(short[1] ?? '') + 1;
    if (month === 0) return null;
    const day = (short[2] ?? '').trim().padStart(2, '0');
    return withIdent(head, short[0].length, at, `--${String(month).padStart(2, '0')}-${day}T${short[3]}`);
  }
  const full = FULL.exec(head);
  return full ? withIdent(head, full[0].length, at, `${full[1]}T${full[2]}`) : null;
}

function readIso(head: string, at: number): ClockPrefix | null {
  const iso = ISO.exec(head);
  if (!iso) return readUnix(head, at);
  const fraction = iso[3] === undefined ? '' : `.${iso[3]}`;
  const wall = `${iso[1]}T${iso[2]}${fraction}${iso[4] ?? ''}`;
  // dmesg separates with a comma and adds neither host nor program: `usb 1-1: …` behind it is the message.
  if (iso[0].includes(',')) return { wall, end: at + iso[0].length, ident: 'kernel' };
  return withIdent(head, iso[0].length, at, wall);
}

/** The number alone says too little: it takes a host and a program behind it. */
function readUnix(head: string, at: number): ClockPrefix | null {
  const unix = UNIX.exec(head);
  const wall = unix && isoOf(Number(unix[1]) * 1e6 + Number(unix[2]));
  if (!unix || !wall) return null;
  const prefix = withIdent(head, unix[0].length, at, wall);
  return prefix.ident === undefined ? null : prefix;
}

/** `host ident[pid]: ` behind the clock; dmesg has none, so that its absence is no error. */
function withIdent(head: string, length: number, at: number, wall: string): ClockPrefix {
  const ident = MONOTONIC_IDENT.exec(head.slice(length));
  if (!ident) return { wall, end: at + length };
  return { wall, end: at + length + ident[0].length, ident: ident[2] ?? '' };
}
