/** How messages stand in a log: one a line, in JSON objects, or in entries of the journal's export format. */
export type LogForm = 'lines' | 'json' | 'export';

/** A form shows within so many bytes of a log's beginning. */
export const FORM_REACH = 4096;

/** What dmesg --json begins with, and fields that every entry of journalctl -o json has, in any order. */
const JSON_NAMES = /"(?:dmesg|__CURSOR|__REALTIME_TIMESTAMP|__MONOTONIC_TIMESTAMP|_BOOT_ID)"\s*:/;
const JSON_START = /^[{[]\s*[{"]/;
const EXPORT_START = /^__(?:CURSOR|REALTIME_TIMESTAMP|MONOTONIC_TIMESTAMP)=/;

/** The form of a log from its beginning; undefined while that is too little to tell. The answer is the same however much more is given. */
export function formOf(head: Uint8Array, ended: boolean): LogForm | undefined {
  const reach = head.subarray(0, FORM_REACH);
  const text = Buffer.from(reach.buffer, reach.byteOffset, reach.length).toString('latin1').replace(LEAD, '');
  const whole = ended || reach.length >= FORM_REACH;
  if (text === '') return whole ? 'lines' : undefined;
  switch (text[0]) {
    case '{':
    case '[':
      if (JSON_START.test(text) && JSON_NAMES.test(text)) return 'json';
      return whole || hopeless(text) ? 'lines' : undefined;
    case '\u00ef':
      // Perhaps the beginning of a byte order mark.
      return whole || text.length >= 3 ? 'lines' : undefined;
    case '_':
      if (EXPORT_START.test(text)) return 'export';
      return whole || text.length > 64 ? 'lines' : undefined;
    default:
      return 'lines';
  }
}

/** A byte order mark, blanks, and the separators of a JSON text sequence (RFC 7464). */
const LEAD = /^(?:\u00ef\u00bb\u00bf)?[\s\u001e]*/;

/** `[   12.345678] text`: neither an object nor a list of them. */
function hopeless(text: string): boolean {
  return /^.\s*[^\s]/.test(text) && !JSON_START.test(text);
}
