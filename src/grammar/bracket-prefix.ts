import { MONTHS, WEEKDAYS } from './wall-prefix.ts';

/** What dmesg and journalctl put in brackets instead of printk's stamp. */
export interface BracketPrefix {
  /** Where the rest of the line starts. */
  readonly end: number;
  /** Seconds since boot. */
  readonly time?: number;
  readonly wall?: string;
}

/** No bracket of these forms is longer. */
const REACH = 64;

/** `[ 1869.453201 <    0.000030>] ` of dmesg -d, `[ 1869.453201 <    0.000030 >] ` and, first, blanks of journalctl -o short-delta. */
const WITH_DELTA = /^\[ *(\d{1,10}\.\d{6}) (?:< {0,8}\d{1,10}\.\d{6} ?>| +)\](?: |$)/;
/** `[<    0.000030>] ` of dmesg --time-format delta, `[  +0.000030] ` of dmesg -e. */
const DELTA = /^\[(?:< *\d{1,10}\.\d{6}>| *\+\d{1,10}\.\d{6})\](?: |$)/;
/** `[Nov21 02:31] ` of dmesg -e, where a minute begins. */
const MINUTE = /^\[([A-Z][a-z]{2}) ?(\d\d?) (\d\d:\d\d)\](?: |$)/;
/** `[Sat Nov 21 02:31:46 2026] ` of dmesg -T, with -d, too. */
const CTIME =
  /^\[([A-Z][a-z]{2}) ([A-Z][a-z]{2}) +(\d\d?) (\d\d:\d\d:\d\d) (\d{4})(?: < {0,8}\d{1,10}\.\d{6}>)?\](?: |$)/;

/** util-linux sys-utils/dmesg.c print_record, systemd src/shared/logs-show.c. Null: none of them. */
export function readBracketPrefix(text: string, at: number): BracketPrefix | null {
  const head = text.slice(at, at + REACH);
  const second = head.charCodeAt(1);
  if (second >= 0x41 && second <= 0x5a) return readDate(head, at);
  const stamp = WITH_DELTA.exec(head);
  if (stamp) return { end: at + stamp[0].length, time: Number(stamp[1]) };
  const delta = DELTA.exec(head);
  return delta && { end: at + delta[0].length };
}

function readDate(head: string, at: number): BracketPrefix | null {
  const full = CTIME.exec(head);
  if (full && WEEKDAYS.has(full[1] ?? '')) return dated(full[2], full[3], `T${full[4]}`, at + full[0].length, full[5]);
  const minute = MINUTE.exec(head);
  return minute && dated(minute[1], minute[2], `T${minute[3]}`, at + minute[0].length);
}

/** `Nov` and `21` as `11-21`; without a year as ISO 8601 once allowed. */
function dated(name = '', day = '', time = '', end = 0, year = '-'): BracketPrefix | null {
  const month = MONTHS.indexOf(name) + 1;
  return month === 0 ? null : { end, wall: `${year}-${String(month).padStart(2, '0')}-${day.padStart(2, '0')}${time}` };
}
