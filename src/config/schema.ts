import * as z from 'zod';
import { KEYS, type Key, OPTION_TABLE } from './table.ts';
import { readValue } from './value-types.ts';

/** What a file may hold: the keys of the option table and nothing else, nested at their dots. Values come out as programs take them. */
export const configSchema = sectionSchema(KEYS.map((key) => ({ key, path: key.split('.') })));

interface Place {
  readonly key: Key;
  /** What is left of the key below a section. */
  readonly path: readonly string[];
}

function sectionSchema(places: readonly Place[]): z.ZodType {
  const names = [...new Set(places.map(({ path }) => path[0] ?? ''))];
  const shape = Object.fromEntries(
    names.map((name) => {
      const inside = places.filter(({ path }) => path[0] === name);
      const [only] = inside;
      const isLeaf = only !== undefined && only.path.length === 1;
      const schema = isLeaf
        ? leafSchema(only.key)
        : sectionSchema(inside.map(({ key, path }) => ({ key, path: path.slice(1) })));
      return [name, schema.optional()];
    }),
  );
  return z.strictObject(shape);
}

function leafSchema(key: Key): z.ZodType {
  return z.unknown().transform((raw, context) => {
    const read = readValue(OPTION_TABLE[key], raw);
    if ('value' in read) return read.value;
    context.addIssue({ code: 'custom', message: read.problem });
    return z.NEVER;
  });
}
