import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Message } from './message.ts';
import { json, of, read } from './testing.ts';

describe('lines that are not whole', () => {
  test.each<[string, string, Message[]]>([
    [
      'text of a child before',
      'hello {"type": "value", "data": 1}\n',
      [
        { kind: 'unread', reason: 'not-json', text: 'hello ' },
        { kind: 'value', value: 1 },
      ],
    ],
    [
      'two on a line',
      '{"type": "value", "data": 1}{"type": "value", "data": 2}\n',
      [
        { kind: 'value', value: 1 },
        { kind: 'value', value: 2 },
      ],
    ],
    [
      'a map cut in a number loses that entry',
      '{"type": "map", "data": {"@n": {"a": 1, "b": 12',
      [{ kind: 'map', name: '@n', entries: [{ key: 'a', value: 1 }], cut: true }],
    ],
    [
      'a cut printf is no record',
      '{"type": "printf", "data": "x 12',
      [{ kind: 'unread', reason: 'cut', text: '{"type": "printf", "data": "x 12' }],
    ],
  ])('%s', (_name, text, expected) => {
    expect(read(text, { mode: 'json' })).toEqual(expected);
  });

  test('hostile lines: many messages, many maps, deep nesting, long numbers', () => {
    const many = '{"type": "value", "data": 1}'.repeat(200_000);
    expect(read(`${many}\n`, { mode: 'json' })).toHaveLength(200_000);
    const maps = Array.from({ length: 200_000 }, () => '"@a": 1').join(', ');
    expect(json(`{"type": "map", "data": {${maps}}}`)).toHaveLength(200_000);
    for (const open of ['[', '{"a": ', '{"type": "', '"\\', '1', ',']) {
      expect(json(`{"type": "value", "data": ${open.repeat(100_000)}`)).toHaveLength(1);
    }
  });

  test('a line longer than the limit keeps its first entries', () => {
    const entries = Array.from({ length: 100 }, (_, i) => `"k${i}": ${i}`).join(', ');
    const [map] = of(
      read(`{"type": "map", "data": {"@n": {${entries}}}}\n`, { mode: 'json', maxLineBytes: 100 }),
      'map',
    );
    expect(map?.cut).toBe(true);
    expect(map?.entries.at(-1)).toEqual({ key: 'k6', value: 6 });
  });
});

test('what is whole JSON comes as JSON.parse has it, but for wide integers', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      expect(json(`{"type": "printf", "data": ${ascii(text)}}`)).toEqual([{ kind: 'printf', text }]);
    }),
  );
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 3, noUnicodeString: false }), (value) => {
      const spaced = ascii(value).replace(/,(?=")/g, ', ');
      const [message] = json(`{"type": "value", "data": ${spaced}}`);
      expect(message).toEqual({ kind: 'value', value: asValue(JSON.parse(spaced)) });
    }),
  );
});

/** As bpftrace writes: no byte above 0x7f. */
function ascii(value: unknown): string {
  return JSON.stringify(value).replace(
    /[\x7f-\uffff]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

function asValue(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(asValue);
  // A wide integer stays exact where JSON.parse has the double next to it.
  if (Number.isInteger(value) && !Number.isSafeInteger(value) && !String(value).includes('e'))
    return BigInt(String(value));
  if (typeof value !== 'object' || value === null) return value;
  return { fields: Object.entries(value).map(([key, item]) => [key, asValue(item)]) };
}
