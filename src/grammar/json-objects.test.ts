import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { JsonObjects } from './json-objects.ts';
import type { RecordPlace } from './record-line.ts';

function read(text: string | Uint8Array, cuts: readonly number[] = []): (readonly [string | null, RecordPlace])[] {
  const bytes = Buffer.from(text);
  const found: (readonly [string | null, RecordPlace])[] = [];
  const objects = new JsonObjects();
  let from = 0;
  for (const to of [...cuts.map((cut) => Math.min(cut, bytes.length)).sort((a, b) => a - b), bytes.length]) {
    objects.push(bytes.subarray(from, to), (json, place) => found.push([json, place]));
    from = to;
  }
  return found;
}
const texts = (text: string) => read(text).map(([json]) => json);

describe('JSON objects', () => {
  test.each<[string, string, string[]]>([
    ['one a line', '{"a":1}\n{"a":2}\n', ['{"a":1}', '{"a":2}']],
    ['a list', '[{"a":1}, {"a":2}]', ['{"a":1}', '{"a":2}']],
    [
      'a document of a list',
      '{\n "dmesg": [\n {\n "pri": 3\n },{\n "pri": 4\n }\n ]\n}\n',
      ['{\n "pri": 3\n }', '{\n "pri": 4\n }'],
    ],
    ['a text sequence', '\u001e{"a":1}\n\u001e{"a":2}\n', ['{"a":1}', '{"a":2}']],
    ['braces and quotes in strings', '{"a":"}{","b":"\\"}"}', ['{"a":"}{","b":"\\"}"}']],
    ['a backslash before the end of a string', '{"a":"x\\\\"}{"b":1}', ['{"a":"x\\\\"}', '{"b":1}']],
    ['a string that never ends', '{"a":"x\n{"b":1}\n', ['{"b":1}']],
    ['an object that never ends', '{"a":1\n{"b":1}\n', ['{"b":1}']],
    ['no object', 'BUG: } " text', []],
  ])('%s', (_name, text, wanted) => {
    expect(texts(text)).toEqual(wanted);
  });

  test('say where they stand in bytes and lines', () => {
    const [[, first], [, second]] = read('\n{"é":1}\n\n{\n"b":2}') as [[string, RecordPlace], [string, RecordPlace]];
    expect(first).toEqual({ byte: 1, endByte: 9, line: 2 });
    expect(second).toEqual({ byte: 11, endByte: 19, line: 4 });
  });

  test('that are too long are told of, and what follows is read', () => {
    const long = `{"a":"${'x'.repeat(300_000)}"}\n{"b":1}`;
    expect(texts(long)).toEqual([null, '{"b":1}']);
    expect(read(long, [100_000, 200_000])).toEqual(read(long));
  });

  test('are the same in any pieces', () => {
    const piece = fc.constantFrom('{', '}', '"', '\\', '\n', 'a', ':', '{"msg":"x","pri":1}', '[', ',', 'é');
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 60 }), fc.array(fc.nat(200), { maxLength: 10 }), (pieces, cuts) => {
        const text = pieces.join('');
        expect(read(text, cuts)).toEqual(read(text));
      }),
    );
  });
});
