/** Longest text of a column: PostgreSQL has no index entries above 2,704 bytes. */
const MAX_COLUMN = 600;

/**
 * Text as both databases take it in a column: NUL, which PostgreSQL has not, and halves of surrogate pairs, which UTF-8 has not, are
 * U+FFFD; what is longer is cut. The event itself (`body`) has them all, as JSON escapes them.
 */
export function asColumn(text: string, max = MAX_COLUMN): string {
  const cut = text.length > max ? text.slice(0, isHigh(text.charCodeAt(max - 1)) ? max - 1 : max) : text;
  return UNFIT.test(cut) ? cut.replace(UNFIT_ALL, '\ufffd') : cut;
}

export function orNull(text: string | undefined, max?: number): string | null {
  return text === undefined ? null : asColumn(text, max);
}

/** A whole number as a column of 64 bits holds it and a double gives it back; null for any other. */
export function wholeOrNull(value: number | undefined): number | null {
  return Number.isSafeInteger(value) ? (value as number) : null;
}

const UNFIT_TEXT = '\\u0000|[\\ud800-\\udbff](?![\\udc00-\\udfff])|(?<![\\ud800-\\udbff])[\\udc00-\\udfff]';
const UNFIT = new RegExp(UNFIT_TEXT);
const UNFIT_ALL = new RegExp(UNFIT_TEXT, 'g');

function isHigh(code: number): boolean {
  return code >= 0xd800 && code <= 0xdbff;
}
