import type { ReportLine, Statement } from '../model/report.ts';
import { CRASH, type Format, type Need, TRACE } from './formats/format.ts';
import { type PlanResult, runPlan } from './frame-engine.ts';
import { withoutSyscallPrefix } from './skip-list.ts';
import { pickFirst, pickHung, pickStall } from './special-frames.ts';

export interface Title {
  readonly title: string;
  readonly altTitles: readonly string[];
  readonly corrupted: string;
  /** The format that gave the title; undefined when the headline itself had to do. */
  readonly format?: Format;
  readonly fields: Readonly<Record<string, string>>;
  /** The format whose words were there and whose needs were not met. */
  readonly meant?: Format;
  /** The lines that name the frame have not come yet. */
  readonly unplaced?: true;
}

/** How to choose. */
export interface Choice {
  /** Plans and formats that the syzkaller project does not have count too. */
  readonly improve?: boolean;
  /** The report is still being read: its title is what is known of it. */
  readonly open?: boolean;
}

/** What a title says when no frame was found. */
const NO_FRAME = 'corrupted';

const PICKS = { stall: pickStall, hung: pickHung, first: pickFirst } as const;

/**
 * Tries the formats of a group over the title window. The earliest statement wins, then the order of the table; a format whose
 * further needs are not met is passed over, which makes the report corrupted when no other names it.
 */
export function chooseTitle(table: readonly Format[], lines: readonly ReportLine[], choice: Choice = {}): Title | null {
  const { improve = false, open = false } = choice;
  let best: { place: Place; title: Title } | undefined;
  let unmet: { format: Format; fields: Title['fields'] } | undefined;
  const altTitles: string[] = [];
  let start: Place | undefined;
  for (const format of table) {
    if (format.ours && !improve) continue;
    const place = findStatement(lines, format.says, 0);
    if (!place || (start && isAfter(place, start))) continue;
    if (best && !isAfter(start ?? place, place)) continue;
    if (start && isAfter(start, place)) {
      best = undefined;
      unmet = undefined;
    }
    start = place;
    const match = matchNeeds(format, lines, place);
    if (!match) {
      const base = format.says2 === undefined ? undefined : findStatement(lines, format.says2, 0);
      if (format.says2 === undefined || base) unmet ??= { format, fields: (base ?? place).statement.fields };
      continue;
    }
    const title = fill(format, lines, match, altTitles, choice);
    best = { place, title };
  }
  if (open && (!best || best.title.format?.broken)) {
    if (unmet) return partial(unmet.format, unmet.fields);
    // The names of wrecks: this one may yet become whole.
    if (best && !best.title.format?.title.includes('{')) return null;
  }
  if (best) return { ...best.title, altTitles };
  return start
    ? {
        title: '',
        altTitles,
        corrupted: 'the title matched but the report under it did not',
        ...(unmet && { meant: unmet.format }),
        fields: unmet?.fields ?? {},
      }
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
  { improve = false, open = false }: Choice,
): Title {
  const words: Record<string, string> = { ...match.fields };
  let corrupted = '';
  let raw: string | undefined;
  let picks: PlanResult['picks'] = [];
  if (format.plan) {
    const choose = PICKS[format.pick ?? 'first'];
    let found = runPlan(lines, match.line, format.plan, format.skips, choose);
    if (!found.whole && format.fallback) found = runPlan(lines, match.line, format.fallback, format.skips, choose);
    const plan = format.better ?? (format.plan === CRASH ? TRACE : undefined);
    if (!found.whole && plan && improve) {
      const better = runPlan(lines, match.line, plan, format.skips, choose);
      if (better.whole) found = better;
    }
    if (open && !namesAll(format.title, found.picks)) return partial(format, match.fields);
    if (!found.whole) corrupted = 'extracted no frames';
    picks = found.picks;
    words.F = picks[0]?.name ?? NO_FRAME;
    words.F2 = picks[1]?.name ?? NO_FRAME;
    raw = picks[0]?.raw;
  }
  const title = expand(format.title, words);
  const templates = (format.alt ?? []).filter((alt) => !open || namesAll(alt, picks));
  const alts = templates.map((alt) => expand(alt, words));
  for (const variant of raw === undefined ? [] : [raw, ...withoutSyscallPrefix(raw)]) {
    const other = { ...words, F: variant };
    const named = expand(format.title, other);
    if (named !== title) alts.push(named);
    for (const alt of templates) alts.push(expand(alt, other));
  }
  for (const alt of alts) if (alt !== title && !altTitles.includes(alt)) altTitles.push(alt);
  const cut = format.brokenWithout !== undefined && (words[format.brokenWithout] ?? '').trim() === '';
  if (corrupted === '' && (format.broken || cut)) corrupted = 'report format is marked as corrupted';
  return { title, altTitles, corrupted, format, fields: match.fields };
}

/** The frames that a template names are all known. */
function namesAll(template: string, picks: PlanResult['picks']): boolean {
  return (
    (!template.includes('{F}') || picks[0] !== undefined) && (!template.includes('{F2}') || picks[1] !== undefined)
  );
}

/** As much of a title as is known: `BUG: soft lockup` of `BUG: soft lockup in {F}`. */
function partial(format: Format, fields: Readonly<Record<string, string>>): Title {
  let end = format.title.length;
  for (let open = format.title.indexOf('{'); open >= 0; open = format.title.indexOf('{', open + 1)) {
    const word = format.title.slice(open + 1, format.title.indexOf('}', open));
    if (fields[word] !== undefined) continue;
    end = open;
    break;
  }
  const known = expand(format.title.slice(0, end), fields).trimEnd();
  const loose = [' in', ':'].find((end) => known.endsWith(end)) ?? '';
  const title = known.slice(0, known.length - loose.length);
  return { title, altTitles: [], corrupted: '', format, fields, unplaced: true };
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
