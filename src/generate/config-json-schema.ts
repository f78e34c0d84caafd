import { KEYS, type Key, OPTION_TABLE } from '../config/table.ts';
import type { ValueType } from '../config/value-types.ts';
import { ACTIONS } from '../model/classification.ts';

type Schema = Readonly<Record<string, unknown>>;

const scalar = { type: ['string', 'number', 'boolean'] };
const texts = { type: 'array', items: scalar, minItems: 1 };

/** How each form may be written in a file, where YAML makes numbers of what looks like one. */
const FORMS: Readonly<Record<ValueType, Schema>> = {
  text: scalar,
  count: { type: ['integer', 'string'], minimum: 1, pattern: '^\\d{1,15}$' },
  duration: { type: ['number', 'string'], exclusiveMinimum: 0, pattern: '^\\d{1,12}(\\.\\d{1,9})?(ms|s|m|h)?$' },
  bytes: {
    type: ['number', 'string'],
    exclusiveMinimum: 0,
    pattern: '^\\d{1,15}(\\.\\d{1,9})?([KMGkmg]([iI]?[bB])?)?$',
  },
  ratio: { type: ['number', 'string'], exclusiveMinimum: 0, pattern: '^\\d{1,9}(\\.\\d{1,9})?$' },
  choice: scalar,
  list: { anyOf: [scalar, texts] },
  actions: { anyOf: [{ enum: ['all', 'none', ...ACTIONS] }, { type: 'array', items: { enum: ACTIONS } }] },
  argv: texts,
};

/** JSON Schema of vexfs-trace.yaml, for editors: the keys of the option table, nested at their dots. */
export function configJsonSchema(): Schema {
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'vexfs-trace.yaml',
    description: 'Options of vexfs-trace',
    ...section(KEYS.map((key) => ({ key, path: key.split('.') }))),
  };
}

interface Place {
  readonly key: Key;
  /** What is left of the key below a section. */
  readonly path: readonly string[];
}

function section(places: readonly Place[]): Schema {
  const names = [...new Set(places.map(({ path }) => path[0] ?? ''))];
  const properties = Object.fromEntries(
    names.map((name) => {
      const inside = places.filter(({ path }) => path[0] === name);
      const [only] = inside;
      const isLeaf = only !== undefined && only.path.length === 1;
      return [name, isLeaf ? leaf(only.key) : section(inside.map(({ key, path }) => ({ key, path: path.slice(1) })))];
    }),
  );
  return { type: 'object', properties, additionalProperties: false };
}

function leaf(key: Key): Schema {
  const { type, values, default: standard, about } = OPTION_TABLE[key];
  const form = values === undefined ? FORMS[type] : { enum: values };
  return { ...form, description: about, ...(standard !== undefined && { default: standard }) };
}
