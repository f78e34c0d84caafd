import type { ReportLine, Statement } from '../model/report.ts';
import type { Format, Need } from './formats/format.ts';
import { runPlan } from './frame-engine.ts';
import { withoutSyscallPrefix } from './skip-list.ts';
import { pickFirst, pickHung, pickStall } from './special-frames.ts';

export interface Title {
  readonly title: string;
  readonly altTitles: readonly string[];
  readonly corrupted: string;
  /** The format that gave the title; undefined when the headline itself had to do. */
  readonly format?: Format;
  readonly fields: Readonly<Record<string, string>>;
}

/** What a title says when no frame was found. */
const NO_FRAME = 'corrupted';

const PICKS = { stall: pickStall, hung: pickHung, first: pickFirst } as const;

/**
 * Tries the formats of a group over the title window. The earliest statement wins, then the order of the table; a format whose
 * further needs are not met is passed over, which makes the report corrupted when no other names it. With `improve`, plans and
 * formats that the syzkaller project does not have count too.
 */
export function chooseTitle(table: readonly Format[], lines: readonly ReportLine[], improve = false): Title | null {
  let best: { place: Place; title: Title } | undefined;
  let unmet = false;
  const altTitles: string[] = [];
  let start: Place | undefined;
  for (const format of table) {
    if (format.ours && !improve) continue;
    const place = findStatement(lines, format.says, 0);
    if (!place || (start && isAfter(place, start))) continue;
    if (best && !isAfter(start ?? place, place)) continue;
    if (start && isAfter(start, place)) best = undefined;
    start = place;
    unmet = true;
    const match = matchNeeds(format, lines, place);
    if (!match) continue;
    const title = fill(format, lines, match, altTitles, improve);
    best = { place, title };
  }
  if (best) return { ...best.title, altTitles };
  return unmet
    ? { title: '', altTitles, corrupted: 'the title matched but the report under it did not', fields: {} }
    : null;
}

interface Place {
  readonly line: number;
  readonly column: number;
  readonly statement: Statement;
}

interface Match {
  readonly line: number;
  readonly fields: Readonly<Record<string, string>>;
}

function isAfter(a: Place, b: Place): boolean {
  return a.line > b.line || (a.line === b.line && a.column > b.column);
}

function findStatement(lines: readonly ReportLine[], says: string, from: number): Place | undefined {
  for (let line = from; line < lines.length; line++) {
    for (const statement of lines[line]?.says ?? []) {
      if (statement.says === says) return { line, column: statement.column, statement };
    }
  }
  return undefined;
}

function matchNeeds(format: Format, lines: readonly ReportLine[], place: Place): Match | undefined {
  const base = format.says2 === undefined ? place : findStatement(lines, format.says2, 0);
  if (!base) return undefined;
  const fields: Record<string, string> = { ...base.statement.fields };
  let at = base.line;
  for (const need of format.needs ?? []) {
    const found = findNeed(need, lines, at + 1, fields);
    if (found === undefined) return undefined;
    at = found;
  }
  return { line: base.line, fields };
}

/** The line on which a need is met, from `from` on. Its word goes into `fields`. */
function findNeed(
  need: Need,
  lines: readonly ReportLine[],
  from: number,
  fields: Record<string, string>,
): number | undefined {
  for (let at = from; at < lines.length; at++) {
    const line = lines[at];
    if (!line) continue;
    if ('nextLine' in need) {
      fields[need.nextLine] = line.text;
      return at;
    }
    if ('way' in need) {
      const caught = line.marks.waypoints?.[need.way];
      if (caught === undefined) continue;
      if (need.as !== undefined && caught !== null) fields[need.as] = caught;
      return at;
    }
    if (need.mark === 'source') {
      if (line.marks.sources) return at;
      continue;
    }
    const name = line.marks[need.mark];
    if (name === undefined) continue;
    fields[need.as] = name;
    return at;
  }
  return undefined;
}

function fill(
  format: Format,
  lines: readonly ReportLine[],
  match: Match,
  altTitles: string[],
  improve: boolean,
): Title {
  const words: Record<string, string> = { ...match.fields };
  let corrupted = '';
  let raw: string | undefined;
  if (format.plan) {
    const choose = PICKS[format.pick ?? 'first'];
    let found = runPlan(lines, match.line, format.plan, format.skips, choose);
    if (!found.whole && format.fallback) found = runPlan(lines, match.line, format.fallback, format.skips, choose);
    if (!found.whole && format.better && improve) {
      const better = runPlan(lines, match.line, format.better, format.skips, choose);
      if (better.whole) found = better;
    }
    if (!found.whole) corrupted = 'extracted no frames';
    words.F = found.picks[0]?.name ?? NO_FRAME;
    words.F2 = found.picks[1]?.name ?? NO_FRAME;
    raw = found.picks[0]?.raw;
  }
  const title = expand(format.title, words);
  const alts = (format.alt ?? []).map((alt) => expand(alt, words));
  for (const variant of raw === undefined ? [] : [raw, ...withoutSyscallPrefix(raw)]) {
    const other = { ...words, F: variant };
    const named = expand(format.title, other);
    if (named !== title) alts.push(named);
    for (const alt of format.alt ?? []) alts.push(expand(alt, other));
  }
  for (const alt of alts) if (alt !== title && !altTitles.includes(alt)) altTitles.push(alt);
  const cut = format.brokenWithout !== undefined && (words[format.brokenWithout] ?? '').trim() === '';
  if (corrupted === '' && (format.broken || cut)) corrupted = 'report format is marked as corrupted';
  return { title, altTitles, corrupted, format, fields: match.fields };
}

/** `{word}` filled in; a word that the report does not give is left out. */
export function expand(template: string, words: Readonly<Record<string, string>>): string {
  let out = '';
  let from = 0;
  for (let open = template.indexOf('{'); open >= 0; open = template.indexOf('{', from)) {
    const close = template.indexOf('}', open);
    if (close < 0) break;
    out += template.slice(from, open) + (words[template.slice(open + 1, close)] ?? '');
    from = close + 1;
  }
  return out + template.slice(from);
}
