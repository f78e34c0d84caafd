import { wrap } from '../sink/wrap.ts';

/** Text for roff, which takes backslashes, dots and quotes at the beginning of a line for its own; dashes stay what one can type. */
export function roff(text: string): string {
  const escaped = text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replaceAll('"', '\\(dq')
    .replaceAll(
      /[^\n\x20-\x7e]/gu,
      (char) => `\\[u${(char.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}]`,
    );
  return /^[.']/.test(escaped) ? `\\&${escaped}` : escaped;
}

/** Roff fills lines itself; short ones in the source are what people compare. */
export function roffLines(text: string): string[] {
  return wrap(text, 100).map(roff);
}

export const bold = (text: string): string => `\\fB${roff(text)}\\fR`;
export const italic = (text: string): string => (text === '' ? '' : `\\fI${roff(text)}\\fR`);
