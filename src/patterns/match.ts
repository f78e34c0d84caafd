import { lazy } from '../base/lazy.ts';
import { type Action, SEVERITIES } from '../model/classification.ts';
import type { Finding, Match } from '../model/event.ts';
import { at, type Check, compileCondition, type Found, type Subject } from './condition.ts';
import { kindsOf } from './gate.ts';
import type { Pattern } from './pattern.ts';
import { compileRegex, regexSource } from './regex.ts';
import { inKernelRange } from './version.ts';

export interface Matcher {
  /**
   * The patterns that a finding satisfies, the most specific first. `text` is the report as printed, for `text` conditions;
   * without it they see the titles and the string details.
   */
  match(finding: Omit<Finding, 'matches'>, text?: string): Match[];
  /** Advice, limits of actions and references of a match. */
  pattern(id: string): Pattern | undefined;
}

interface Compiled {
  readonly pattern: Pattern;
  readonly check: Check;
  readonly actions: Action[];
  readonly extract: () => (subject: Subject) => string[];
}

/** Compiles each pattern once, when the first finding of its kind comes. Matching keeps no state between findings: the same finding gives the same matches. */
export function createMatcher(patterns: readonly Pattern[]): Matcher {
  const byId = new Map(patterns.map((pattern) => [pattern.id, pattern]));
  // Many logs are clean, and most kinds never come.
  const index = lazy(() => indexByKind([...byId.values()]));
  return {
    pattern: (id) => byId.get(id),
    match(finding, text) {
      const subject: Subject = { finding, text: text ?? fallbackText(finding) };
      const { byKind, ungated } = index();
      const candidates = [...(byKind.get(finding.kind) ?? []), ...ungated];
      return rank(candidates.flatMap((compiled) => hit(compiled(), subject)));
    },
  };
}

function indexByKind(patterns: readonly Pattern[]) {
  const ungated: (() => Compiled)[] = [];
  const byKind = new Map<string, (() => Compiled)[]>();
  for (const pattern of patterns) {
    const compiled = lazy(() => compile(pattern));
    const kinds = kindsOf(pattern.match);
    if (kinds === undefined) ungated.push(compiled);
    for (const kind of kinds ?? []) {
      const bucket = byKind.get(kind);
      if (bucket === undefined) byKind.set(kind, [compiled]);
      else bucket.push(compiled);
    }
  }
  return { byKind, ungated };
}

interface Hit {
  readonly compiled: Compiled;
  readonly found: Found;
  readonly values: readonly string[];
  readonly confidence: number;
}

function compile(pattern: Pattern): Compiled {
  return {
    pattern,
    check: compileCondition(pattern.match),
    actions: pattern.actions.map((item) => item.action),
    extract: lazy(() => compileExtract(pattern)),
  };
}

function hit(compiled: Compiled, subject: Subject): Hit[] {
  const { since, until } = compiled.pattern;
  if (!inKernelRange(subject.finding.context.kernel, since, until)) return [];
  const found = compiled.check(subject);
  if (found === undefined) return [];
  const confidence = confidenceOf(found.weight, subject.finding.corrupted);
  return [{ compiled, found, values: compiled.extract()(subject), confidence }];
}

/**
 * A first measure, not yet calibrated on a corpus: what matched narrowed the possibilities by about `weight` bits, so half of
 * the remaining doubt goes with every second bit: kind alone 0.50, kind and blamed function 0.82. A report that came cut is
 * believed less.
 */
function confidenceOf(weight: number, corrupted: boolean): number {
  return Math.round((1 - 2 ** (-weight / 2)) * (corrupted ? 0.8 : 1) * 100) / 100;
}

function rank(hits: readonly Hit[]): Match[] {
  const sorted = hits.toSorted(
    (a, b) =>
      b.found.weight - a.found.weight ||
      SEVERITIES.indexOf(a.compiled.pattern.severity) - SEVERITIES.indexOf(b.compiled.pattern.severity) ||
      (a.compiled.pattern.id < b.compiled.pattern.id ? -1 : 1),
  );
  return sorted.map(({ compiled: { pattern, actions }, found, values, confidence }) => {
    const equals = sorted.filter((other) => other.found.weight === found.weight && other.compiled.pattern !== pattern);
    const ties = equals.map((other) => other.compiled.pattern.id).join(', ');
    const parts = [...found.explain, ...values, ...(ties === '' ? [] : [`ties with ${ties}`])];
    return {
      pattern: pattern.id,
      confidence,
      classification: pattern.classification,
      severity: pattern.severity,
      actions: [...actions],
      explain: parts.join('; '),
    };
  });
}

/** `extract` shows values of the report beside the match: `limit: 120`. What does not occur is left out. */
function compileExtract(pattern: Pattern): (subject: Subject) => string[] {
  const rows = Object.entries(pattern.extract).map(([name, { from, regex }]) => {
    const compiled = compileRegex(regexSource(regex) ?? regex);
    if (!compiled.ok) throw new Error(`uncheckable expression ${regex}: ${compiled.reason}`);
    return { name, keys: from.split('.'), re: compiled.re };
  });
  return (subject) =>
    rows.flatMap(({ name, keys, re }) => {
      const source = keys[0] === 'text' ? subject.text : at(subject.finding, keys);
      const matcher = typeof source === 'string' ? re.matcher(source) : undefined;
      if (matcher?.find() !== true) return [];
      const value = (re.groupCount() > 0 ? matcher.group(1) : null) ?? matcher.group(0) ?? '';
      return [`${name}: ${value.slice(0, 80)}`];
    });
}

function fallbackText({ title, altTitles, details }: Omit<Finding, 'matches'>): string {
  const strings = Object.values(details).filter((value) => typeof value === 'string');
  return [title, ...altTitles, ...strings].join('\n');
}
