/** One thing a headline can say. Named groups of the pattern become the fields of the statement. */
export interface StatementRow {
  readonly id: string;
  readonly pattern: RegExp;
  /** A line that says it; checked by a test. */
  readonly sample: string;
}

/** Short rows for the tables: id, pattern, sample. */
export function rows(...table: readonly (readonly [string, RegExp, string])[]): readonly StatementRow[] {
  return table.map(([id, pattern, sample]) => ({ id, pattern, sample }));
}
