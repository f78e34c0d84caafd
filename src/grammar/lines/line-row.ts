/** A kind of line inside reports. Named groups of the pattern become the line's fields. */
export interface LineRow {
  readonly id: string;
  /** Substring that every line of the kind has: the cheap test before the pattern. */
  readonly text: string;
  readonly pattern: RegExp;
  /** A line of the kind; checked by a test. */
  readonly sample: string;
}

/** Short rows for the tables: id, text, pattern, sample. */
export function lines(...table: readonly (readonly [string, string, RegExp, string])[]): readonly LineRow[] {
  return table.map(([id, text, pattern, sample]) => ({ id, text, pattern, sample }));
}
