import type { Statement } from '../../model/report.ts';
import { anchorPattern } from '../anchor.ts';
import { HEADLINES } from '../headlines.ts';
import { BUG_STATEMENTS } from './bug.ts';
import { EXTRA_STATEMENTS } from './extra.ts';
import { INFO_STATEMENTS } from './info.ts';
import { OTHER_STATEMENTS } from './other.ts';
import type { StatementRow } from './statement-row.ts';
import { WARNING_STATEMENTS } from './warning.ts';

/** What the lines of each headline group can say. */
export const STATEMENTS: Readonly<Record<string, readonly StatementRow[]>> = {
  BUG: BUG_STATEMENTS,
  WARNING: WARNING_STATEMENTS,
  INFO: INFO_STATEMENTS,
  ...OTHER_STATEMENTS,
  ...EXTRA_STATEMENTS,
};

/** Everything a line says, in the order of the tables; none for most lines. */
export function readStatements(text: string): readonly Statement[] {
  if (!ANY.test(text)) return NOTHING;
  let found: Statement[] | undefined;
  for (const { id, text: anchor } of HEADLINES) {
    if (!text.includes(anchor)) continue;
    for (const row of STATEMENTS[id] ?? []) {
      const m = row.pattern.exec(text);
      if (!m) continue;
      found ??= [];
      found.push({ says: row.id, column: m.index, fields: presentFields(m.groups) });
    }
  }
  return found ?? NOTHING;
}

/** A line without any of the texts says nothing: most lines of a report are such. */
const ANY = anchorPattern(HEADLINES);
const NOTHING: readonly Statement[] = [];
const NO_FIELDS: Readonly<Record<string, string>> = {};

/** The named groups that took part in the match. */
export function presentFields(
  groups: Record<string, string | undefined> | undefined,
): Readonly<Record<string, string>> {
  if (!groups) return NO_FIELDS;
  const fields: Record<string, string> = {};
  for (const name in groups) {
    const value = groups[name];
    if (value !== undefined) fields[name] = value;
  }
  return fields;
}
