import { KIND_NAMES, type Kind } from '../model/kinds.ts';
import type { Condition } from '../patterns/condition-schema.ts';
import { kindsOf } from '../patterns/gate.ts';
import type { Pattern } from '../patterns/pattern.ts';

/** What the library is asked to have. */
export interface LibraryNumbers {
  /** Patterns whose condition asks for more than kind, type and title: a function, a field with a value, words, an order in time. */
  readonly narrow: number;
  /** Patterns with at least one sample from a recording. */
  readonly recorded: number;
  /** Kinds of finding for which no condition of any pattern holds. */
  readonly bareKinds: readonly Kind[];
}

export function libraryNumbers(patterns: readonly Pattern[]): LibraryNumbers {
  const kinds = new Set<string>(
    patterns.flatMap(({ match }) => (match.sequence ?? [match]).flatMap((one) => [...(kindsOf(one) ?? [])])),
  );
  return {
    narrow: patterns.filter(({ match }) => match.sequence !== undefined || isNarrow(match)).length,
    recorded: patterns.filter(({ samples }) => samples.some(({ recorded }) => recorded)).length,
    // What a pattern raises behind other events is of its own kind; none looks for it.
    bareKinds: KIND_NAMES.filter((kind) => !kinds.has(kind) && kind !== 'pattern-match'),
  };
}

const WIDE: ReadonlySet<string> = new Set(['event', 'kind', 'type', 'title', 'panicked', 'corrupted', 'not']);

/** Each way to satisfy it asks for something that kind and title do not say. That a field is there at all is not enough. */
function isNarrow({ all = [], any, ...members }: Condition): boolean {
  if (Object.entries(members).some(([name, test]) => !WIDE.has(name) && !onlyExists(test))) return true;
  return all.some(isNarrow) || (any?.every(isNarrow) ?? false);
}

/** True for a test that asks for nothing but that values are there. */
export function onlyExists(test: unknown): boolean {
  if (typeof test !== 'object' || test === null || Array.isArray(test)) return false;
  return Object.entries(test).every(([name, inner]) => (name === 'exists' && inner === true) || onlyExists(inner));
}
