import { lazy } from '../base/lazy.ts';
import type { ValueTest } from './condition-schema.ts';
import { checkedRegex, findRegex, regexSource } from './regex.ts';

/** Looks at a value; gives the words for `explain` when it satisfies the test, else undefined. */
export type ValueCheck = (value: unknown) => string | undefined;

export interface CompiledValue {
  readonly check: ValueCheck;
  /** How much a match says, relative to equality with one value (1). */
  readonly sharpness: number;
}

/** Compiles a test of a value. Expressions were checked by the schema; one that is refused here is a bug and throws. */
export function compileValue(test: ValueTest): CompiledValue {
  if (typeof test === 'string') return compileString(test);
  if (typeof test !== 'object') return { sharpness: 1, check: (value) => (value === test ? show(value) : undefined) };
  if (Array.isArray(test)) {
    const parts = (test as readonly ValueTest[]).map(compileValue);
    const blunt = Math.min(...parts.map((part) => part.sharpness));
    return { sharpness: parts.length > 1 ? blunt * 0.9 : blunt, check: (value) => firstOf(parts, value) };
  }
  return compileRange(test as Range);
}

type Range = Readonly<{ contains?: string; prefix?: string; atLeast?: number; atMost?: number; exists?: boolean }>;

function compileString(test: string): CompiledValue {
  const source = regexSource(test);
  if (source === undefined)
    return { sharpness: 1, check: (value) => (asText(value) === test ? show(value) : undefined) };
  // Compiled when a value comes: most conditions have failed before.
  const expression = lazy(() => checkedRegex(source));
  return {
    sharpness: 0.8,
    check: (value) => {
      const text = asText(value);
      if (text === undefined) return undefined;
      const re = expression();
      return re.test(text) ? show(findRegex(re, text)?.text) : undefined;
    },
  };
}

const RANGE: { readonly [K in keyof Range]-?: (want: NonNullable<Range[K]>, value: unknown) => boolean } = {
  contains: (want, value) => asText(value)?.includes(want) === true,
  prefix: (want, value) => asText(value)?.startsWith(want) === true,
  atLeast: (want, value) => typeof value === 'number' && value >= want,
  atMost: (want, value) => typeof value === 'number' && value <= want,
  exists: (want, value) => (value !== undefined && value !== null && value !== '') === want,
};

function compileRange(test: Range): CompiledValue {
  const rows = Object.entries(test) as [keyof Range, never][];
  return {
    sharpness: test.exists === undefined ? 0.7 : 0.3,
    check: (value) => (rows.every(([name, want]) => RANGE[name](want, value)) ? show(value ?? 'absent') : undefined),
  };
}

function firstOf(parts: readonly CompiledValue[], value: unknown): string | undefined {
  for (const part of parts) {
    const seen = part.check(value);
    if (seen !== undefined) return seen;
  }
  return undefined;
}

/** A list value is searched as its lines. */
export function asText(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return Array.isArray(value) ? value.filter((item) => typeof item !== 'object').join('\n') : undefined;
}

function show(value: unknown): string {
  const text = asText(value) ?? String(value);
  return text.length > 80 ? `${text.slice(0, 79)}…` : text;
}
