import { didYouMean } from '../base/text.ts';
import { ACTIONS, type Action } from '../model/classification.ts';

/** What the value of an option can be, and what a program gets of it. */
export interface Values {
  readonly text: string;
  readonly count: number;
  /** Milliseconds. */
  readonly duration: number;
  readonly bytes: number;
  readonly ratio: number;
  readonly choice: string;
  readonly list: readonly string[];
  readonly actions: ReadonlySet<Action>;
  /** A program and its arguments. */
  readonly argv: readonly string[];
}
export type ValueType = keyof Values;
export type Value = Values[ValueType];

/** What a reader needs of a row of the table. */
export interface TypedRow {
  readonly type: ValueType;
  readonly values?: readonly string[];
  /** Between the members of a list that is one text. */
  readonly separator?: string;
}
export type Read = { readonly value: Value } | { readonly problem: string };

/**
 * Reads a value as it is written: text on the command line and in the environment, text or a list of texts in a file, where every scalar
 * is text. Never throws; a problem is a sentence without a subject.
 */
export function readValue(row: TypedRow, raw: unknown): Read {
  const single = typeof raw === 'string' ? raw : undefined;
  const several = Array.isArray(raw) && raw.every((item) => typeof item === 'string') ? (raw as string[]) : undefined;
  if (single === undefined && several === undefined) return { problem: `${FORMS[row.type]} is needed.` };
  for (const text of several ?? [single ?? '']) {
    if (text === '' || text.length > MAX_TEXT) return { problem: `${FORMS[row.type]} is needed.` };
    if (text.includes('\0')) return { problem: 'a NUL is in it.' };
  }
  return READERS[row.type](single, several, row);
}

const MAX_TEXT = 4096;
const MAX_ITEMS = 1000;

/** What is said where something of another form stands. */
const FORMS: Readonly<Record<ValueType, string>> = {
  text: 'a text',
  count: 'a whole number above 0',
  duration: 'a number with ms, s, m or h, such as 90s,',
  bytes: 'a size such as 64K, 1M or 1MiB',
  ratio: 'a number such as 0.95',
  choice: 'one of the known words',
  list: 'a list',
  actions: 'a list of actions, all or none',
  argv: 'a list of the program and its arguments, such as [logger, done], which no shell reads,',
};

type Reader = (single: string | undefined, several: readonly string[] | undefined, row: TypedRow) => Read;

/** A number by its unit; the whole number above 0 that comes of it. */
function scaled(type: ValueType, pattern: RegExp, factors: Readonly<Record<string, number>>): Reader {
  return (single) => {
    const [, number, unit = ''] = pattern.exec(single ?? '') ?? [];
    const value = Math.round(Number(number) * (factors[unit.toLowerCase()] ?? Number.NaN));
    return Number.isSafeInteger(value) && value > 0 ? { value } : { problem: `${FORMS[type]} is needed.` };
  };
}

const READERS: Readonly<Record<ValueType, Reader>> = {
  text: (single) => (single === undefined ? { problem: 'a text is needed, not a list.' } : { value: single }),
  count: scaled('count', /^(\d{1,15})$/, { '': 1 }),
  duration: scaled('duration', /^(\d{1,12}(?:\.\d{1,9})?)(ms|s|m|h)?$/, {
    '': 1000,
    ms: 1,
    s: 1000,
    m: 60_000,
    h: 3_600_000,
  }),
  bytes: scaled('bytes', /^(\d{1,15}(?:\.\d{1,9})?)(?:([KMG])(?:i?B)?)?$/i, {
    '': 1,
    k: 1 << 10,
    m: 1 << 20,
    g: 1 << 30,
  }),
  ratio: (single) => {
    const value = /^\d{1,9}(\.\d{1,9})?$/.test(single ?? '') ? Number(single) : Number.NaN;
    return value > 0 ? { value } : { problem: `${FORMS.ratio} is needed.` };
  },
  choice: (single, _, { values = [] }) =>
    single !== undefined && values.includes(single) ? { value: single } : notAmong('word', single ?? '', values),
  list: (single, several, { separator = ',' }) => {
    const value = several ?? single?.split(separator).map((item) => item.trim()) ?? [];
    if (value.length > MAX_ITEMS) return { problem: `more than ${MAX_ITEMS} are too many.` };
    return value.includes('') ? { problem: 'a member of the list is empty.' } : { value };
  },
  actions: (single, several) => {
    if (single === 'all') return { value: new Set(ACTIONS) };
    if (single === 'none') return { value: new Set() };
    const named = several ?? single?.split(',').map((name) => name.trim()) ?? [];
    const wrong = named.find((name) => !(ACTIONS as readonly string[]).includes(name));
    return wrong === undefined ? { value: new Set(named as Action[]) } : notAmong('action', wrong, ACTIONS);
  },
  argv: (single, several) => {
    const value = several ?? argvOfJson(single ?? '');
    return value === undefined || value.length === 0 || value.length > MAX_ITEMS
      ? { problem: `${FORMS.argv} is needed.` }
      : { value };
  },
};

/** Where there is but text, a list is written as JSON. */
function argvOfJson(text: string): readonly string[] | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) && value.every((item) => typeof item === 'string' && !item.includes('\0'))
      ? value
      : undefined;
  } catch {
    return undefined;
  }
}

function notAmong(what: string, word: string, known: readonly string[]): { readonly problem: string } {
  const near = didYouMean(word, known);
  const hint = near === undefined ? `There are ${known.join(', ')}.` : `Did you mean ${near}?`;
  return { problem: `there is no ${what} "${word.slice(0, 80)}". ${hint}` };
}
