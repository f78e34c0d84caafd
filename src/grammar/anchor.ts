import { HEADLINES, type HeadlineRow } from './headlines.ts';

export type HeadlineSet = 'all' | 'fuzzer';

/** The rows that count in a profile. */
export function headlinesOf(set: HeadlineSet): readonly HeadlineRow[] {
  return HEADLINES.filter((row) => (set === 'all' ? row.user !== true : row.extra !== true));
}

/** One pattern that finds any of the anchor words: a text without a match starts no report. */
export function anchorPattern(rows: readonly { readonly text: string }[]): RegExp {
  const words = [...new Set(rows.map((row) => row.text))];
  return new RegExp(words.map(literal).join('|'));
}

/** The first row whose text is in the line and which none of its exceptions rules out. */
export function findHeadline(rows: readonly HeadlineRow[], text: string): HeadlineRow | undefined {
  for (const row of rows) {
    if (text.includes(row.text) && !row.not?.some((exception) => exception.test(text))) return row;
  }
  return undefined;
}

function literal(word: string): string {
  return word.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');
}
