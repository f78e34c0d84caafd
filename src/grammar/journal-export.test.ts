import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { JournalExport } from './journal-export.ts';

const binary = (name: string, value: string | Uint8Array) => {
  const bytes = Buffer.from(value);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(bytes.length));
  return Buffer.concat([Buffer.from(`${name}\n`), length, bytes, Buffer.from('\n')]);
};

function read(bytes: Uint8Array, cuts: readonly number[] = []) {
  const found: unknown[] = [];
  const entries = new JournalExport();
  const emit: Parameters<JournalExport['push']>[1] = (fields, place) =>
    found.push([Object.fromEntries([...fields].map(([name, value]) => [name, value.toString('latin1')])), place]);
  let from = 0;
  for (const to of [...cuts.map((cut) => Math.min(cut, bytes.length)).sort((a, b) => a - b), bytes.length]) {
    entries.push(bytes.subarray(from, to), emit);
    from = to;
  }
  entries.flush(emit);
  return found;
}

const LOG = Buffer.concat([
  Buffer.from('__CURSOR=s=1\nMESSAGE=a=b\n\n'),
  binary('MESSAGE', '\nnext\n\nlines\n'),
  Buffer.from('PRIORITY=4\n\n\nMESSAGE=last\n'),
]);

describe('the journal export format', () => {
  test('gives entries with text and binary fields, and their places', () => {
    expect(read(LOG)).toEqual([
      [
        { __CURSOR: 's=1', MESSAGE: 'a=b' },
        { byte: 0, endByte: 26, line: 1 },
      ],
      [
        { MESSAGE: '\nnext\n\nlines\n', PRIORITY: '4' },
        { byte: 26, endByte: 68, line: 4 },
      ],
      [{ MESSAGE: 'last' }, { byte: 69, endByte: LOG.length, line: 13 }],
    ]);
  });

  test.each<[string, Uint8Array, unknown[]]>([
    ['of two values the first', Buffer.from('MESSAGE=a\nMESSAGE=b\n'), ['a']],
    ['a line that is no field', Buffer.from('no field\nMESSAGE=a\n'), ['a']],
    [
      'a length that no field has',
      Buffer.concat([Buffer.from('A\n'), Buffer.alloc(8, 0xff), Buffer.from('\nMESSAGE=a\n')]),
      ['a'],
    ],
    ['a binary field that ends with the log', binary('MESSAGE', 'abc').subarray(0, -2), []],
    ['a field of a megabyte up to what is kept', binary('MESSAGE', 'x'.repeat(1 << 20)), ['x'.repeat(65_536)]],
  ])('takes %s', (_name, bytes, wanted) => {
    const messages = read(bytes).map((entry) => (entry as [{ MESSAGE: string }])[0].MESSAGE);
    expect(messages).toEqual(wanted);
  });

  test('gives the same in any pieces', () => {
    const parts = [
      Buffer.from('A=b\n'),
      Buffer.from('\n'),
      Buffer.from('NAME\n'),
      binary('B', 'x\ny'),
      Buffer.from([3, 0]),
    ];
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(...parts), { maxLength: 30 }),
        fc.array(fc.nat(200), { maxLength: 12 }),
        (pieces, cuts) => {
          const bytes = Buffer.concat(pieces);
          expect(read(bytes, cuts)).toEqual(read(bytes));
        },
      ),
    );
  });
});
