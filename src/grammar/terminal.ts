/** CSI, OSC and two-character escapes (ECMA-48). Bounded, so that a stray ESC cannot make the match run on. */
const ESCAPES =
  /\u001b(?:\[[0-?]{0,64}[ -/]{0,8}[@-~]|\][^\u0007\u001b]{0,256}(?:\u0007|\u001b\\)|[ -/]{0,4}[0-Z\\-~])/g;

const BYTE_ORDER_MARK = 0xfeff;
const ZEROS = /^\0+/;
const STAMPED = /^(?:<\d{1,3}>)?\[ *\d+\.\d/;

/**
 * Removes what a serial console adds for terminals: escape sequences, and carriage returns. A line that was overwritten in
 * place (`10%\r20%\r[   1.2] text`) is what was written last; a line of the kernel is never overwritten by its next. Zeros at the
 * beginning, where a disk lost a block or a line was opened, and a byte order mark are no text either.
 */
export function stripTerminal(text: string): string {
  const first = text.charCodeAt(0);
  let clean = first === BYTE_ORDER_MARK ? text.slice(1) : first === 0 ? text.replace(ZEROS, '') : text;
  if (clean.includes('\u001b')) clean = clean.replace(ESCAPES, '');
  if (clean.includes('\r')) {
    const last = clean.lastIndexOf('\r');
    const tail = clean.slice(last + 1);
    const overwrites = (tail.startsWith('[') || tail.startsWith('<')) && !STAMPED.test(clean);
    clean = overwrites ? tail : clean.replaceAll('\r', '');
  }
  return clean;
}
