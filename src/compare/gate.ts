import type { Breach, ComparisonRow } from '../model/comparison.ts';

/**
 * What a run must not be. Rules are separated by `;`, one that holds for a row is enough; the conditions of a rule by `,`, all have to
 * hold. `delta` is how much worse the median is, `low` how much worse at the least (the near end of its 95 % interval), `p` is
 * corrected, `n` is the number of values of the smaller side. A rule may begin with the metrics it is for: `speed/*: p<0.01,delta>5%`.
 */
export interface Gate {
  readonly rules: readonly Rule[];
}

interface Rule {
  readonly text: string;
  readonly covers: (metric: string) => boolean;
  readonly conditions: readonly ((row: ComparisonRow) => boolean)[];
}

export interface GateError {
  readonly message: string;
  /** Where in the text, from 0. */
  readonly at: number;
}

const FIELDS: Readonly<Record<string, (row: ComparisonRow) => number>> = {
  p: ({ p }) => p,
  delta: ({ worse }) => worse,
  low: ({ worseAtLeast }) => worseAtLeast,
  n: ({ before, after }) => Math.min(before.n, after.n),
};
/** Fields that are ratios: they are written in percent. */
const RATIOS: ReadonlySet<string> = new Set(['delta', 'low']);
const OPERATORS: Readonly<Record<string, (a: number, b: number) => boolean>> = {
  '<': (a, b) => a < b,
  '<=': (a, b) => a <= b,
  '>': (a, b) => a > b,
  '>=': (a, b) => a >= b,
};
const MAX_TEXT = 1000;

/** Reads a gate; what cannot be read is said with its place. */
export function parseGate(text: string): Gate | GateError {
  if (text.length > MAX_TEXT) return { message: `longer than ${MAX_TEXT} characters`, at: MAX_TEXT };
  const rules: Rule[] = [];
  for (const { part, at } of split(text, 0, ';')) {
    const rule = parseRule(part, at);
    if ('message' in rule) return rule;
    rules.push(rule);
  }
  return { rules };
}

/** Rows that worsen as a rule says. */
export function breachesOf({ rules }: Gate, rows: readonly ComparisonRow[]): Breach[] {
  return rows.flatMap((row) => {
    const rule = rules.find(
      ({ covers, conditions }) => covers(row.metric) && row.worse > 0 && conditions.every((holds) => holds(row)),
    );
    return rule === undefined ? [] : [{ metric: row.metric, rule: rule.text }];
  });
}

/** A metric by its name, or by a pattern in which `*` is any text. */
export function metricFilter(patterns: readonly string[]): (metric: string) => boolean {
  const all = patterns.map((pattern) => pattern.split('*'));
  return (metric) => all.some((pieces) => fits(metric, pieces));
}

function parseRule(text: string, start: number): Rule | GateError {
  const colon = text.indexOf(':');
  const head = text.slice(0, Math.max(0, colon)).trim();
  if (colon >= 0 && head === '') return { message: 'a metric is missing before ":"', at: start + colon };
  const conditions: ((row: ComparisonRow) => boolean)[] = [];
  for (const { part, at } of split(text.slice(colon + 1), start + colon + 1, ',')) {
    const condition = parseCondition(part, at);
    if (typeof condition !== 'function') return condition;
    conditions.push(condition);
  }
  return { text: text.trim(), covers: colon < 0 ? () => true : metricFilter([head]), conditions };
}

function parseCondition(text: string, start: number): ((row: ComparisonRow) => boolean) | GateError {
  const from = start + text.length - text.trimStart().length;
  if (text.trim() === '') return { message: 'a condition is missing, such as p<0.01', at: from };
  const cut = text.search(/[<>=]/);
  const name = (cut < 0 ? text : text.slice(0, cut)).trim();
  const field = Object.hasOwn(FIELDS, name) ? FIELDS[name] : undefined;
  if (field === undefined)
    return { message: `"${name.slice(0, 40)}" is none of ${Object.keys(FIELDS).join(', ')}`, at: from };
  if (cut < 0) return { message: `an operator is missing behind "${name}": ${ALL_OPERATORS}`, at: start + text.length };
  const word = text.slice(cut).match(/^[<>=]+/)?.[0] ?? '';
  const operator = Object.hasOwn(OPERATORS, word) ? OPERATORS[word] : undefined;
  if (operator === undefined) return { message: `"${word.slice(0, 40)}" is none of ${ALL_OPERATORS}`, at: start + cut };
  const rest = text.slice(cut + word.length);
  const at = start + cut + word.length + rest.length - rest.trimStart().length;
  const [, digits, percent] = rest.trim().match(/^(\d{1,12}(?:\.\d{1,12})?)\s*(%?)$/) ?? [];
  if (digits === undefined) return { message: 'a number is missing, such as 0.01 or 5%', at };
  if (RATIOS.has(name) !== (percent === '%'))
    return { message: RATIOS.has(name) ? `${name} is written in percent: ${digits}%` : `${name} is no percentage`, at };
  const limit = percent === '%' ? Number(digits) / 100 : Number(digits);
  if (name === 'p' && limit > 1) return { message: 'p is between 0 and 1', at };
  return (row) => operator(field(row), limit);
}

const ALL_OPERATORS = Object.keys(OPERATORS).join(' ');

function split(text: string, start: number, by: string): { readonly part: string; readonly at: number }[] {
  let at = start;
  return text.split(by).map((part) => {
    const here = { part, at };
    at += part.length + by.length;
    return here;
  });
}

/** In order, the first at the beginning and the last at the end: linear, as no piece is ever looked for twice. */
function fits(text: string, pieces: readonly string[]): boolean {
  const [first = '', ...others] = pieces;
  const last = others.pop();
  if (last === undefined) return text === first;
  if (!text.startsWith(first)) return false;
  let at = first.length;
  for (const piece of others) {
    const found = text.indexOf(piece, at);
    if (found < 0) return false;
    at = found + piece.length;
  }
  return text.length - last.length >= at && text.endsWith(last);
}
