/** A kind of line inside reports. Named groups of the pattern become the line's fields. */
export interface LineRow {
  readonly id: string;
  /** Substring that every line of the kind has: the cheap test before the pattern. */
  readonly text: string;
  readonly pattern: RegExp;
  /** A line of the kind; checked by a test. */
  readonly sample: string;
  /**
   * Where the fields stand in the details of the report: `.` at the top, `name` in an object, `name[]` as a member of a list.
   * Absent where they are no facts of their own: a rule of the grammar, or nobody, makes something of them.
   */
  readonly into?: string;
}

/** Short rows for the tables: id, text, pattern, sample, place in the details. */
export function lines(...table: readonly (readonly [string, string, RegExp, string, string?])[]): readonly LineRow[] {
  return table.map(([id, text, pattern, sample, into]) => ({
    id,
    text,
    pattern,
    sample,
    ...(into !== undefined && { into }),
  }));
}
