import type { ReportLine } from '../model/report.ts';
import { LINE_ROWS } from './report-line.ts';
import { type Facts, valuesOf } from './values.ts';

/** Where the facts of each kind of line stand; a kind without a place states none. */
const PLACES: ReadonlyMap<string, string> = new Map(
  LINE_ROWS.flatMap(({ id, into }) => (into === undefined ? [] : [[id, into] as const])),
);

/** Who and where stands in the context of the report; `rest` and `fn` serve the title. */
const ELSEWHERE: ReadonlySet<string> = new Set(['pid', 'comm', 'cpu', 'task', 'rest', 'fn', 'mode']);

/** Kinds of line before a report that are no message of it. */
const SILENT: ReadonlySet<string> = new Set(['cut-here', 'rule', 'injection', 'injection-name']);

/** Members of a list that are kept: a report may repeat itself for as long as it is. */
const MAX_MEMBERS = 512;

/** What says that the next line is the message. */
const NEXT_LINE: ReadonlySet<string> = new Set(['rust']);

/** What the lines of a report state by themselves, in its order: the first to state something counts, lists grow. */
export function readDetails(lines: readonly ReportLine[], lead: readonly ReportLine[]): Record<string, unknown> {
  const details: Record<string, unknown> = {};
  const message = lead.filter(({ kind, text }) => !SILENT.has(kind) && text.trim() !== '').map(({ text }) => text);
  if (message.length > 0) details.message = message.join('\n');
  for (const line of lead) state(details, line);
  for (const statement of lines[0]?.says ?? []) fold(details, valuesOf(statement.fields, ELSEWHERE));
  const next = NEXT_LINE.has(lines[0]?.says[0]?.says ?? '') ? lines[1] : undefined;
  if (next) details.message = next.text;
  for (const line of lines) state(details, line);
  return details;
}

function state(details: Record<string, unknown>, { kind, fields }: ReportLine): void {
  const place = PLACES.get(kind);
  if (place === undefined) return;
  if (place === '.') fold(details, valuesOf(fields, ELSEWHERE));
  else put(details, place, valuesOf(fields));
}

/** Puts facts where a path says: `name`, `name[]`, `name.list[]`. */
export function put(details: Record<string, unknown>, place: string, facts: Facts): void {
  if (Object.keys(facts).length === 0) return;
  const dot = place.indexOf('.');
  if (dot > 0) {
    put(memberOf(details, place.slice(0, dot)), place.slice(dot + 1), facts);
  } else if (place.endsWith('[]')) {
    const name = place.slice(0, -2);
    details[name] ??= [];
    const list = details[name] as Facts[];
    if (list.length < MAX_MEMBERS) list.push(facts);
  } else {
    fold(memberOf(details, place), facts);
  }
}

function memberOf(details: Record<string, unknown>, name: string): Record<string, unknown> {
  details[name] ??= {};
  return details[name] as Record<string, unknown>;
}

/** What is not stated yet. */
export function fold(into: Record<string, unknown>, facts: Facts): void {
  for (const [name, value] of Object.entries(facts)) into[name] ??= value;
}
