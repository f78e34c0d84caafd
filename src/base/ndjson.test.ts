import { createReadStream, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { Readable } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readNdjson, toNdjson } from './ndjson.ts';

async function read(input: Readable): Promise<{ values: unknown[]; error?: string }> {
  const values: unknown[] = [];
  try {
    for await (const value of readNdjson(input)) values.push(value);
    return { values };
  } catch (error) {
    return { values, error: (error as Error).message };
  }
}

describe('NDJSON', () => {
  test('what is written is read, whatever the chunks', async () => {
    const values = fc.array(fc.dictionary(fc.string(), fc.jsonValue()), { maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(values, fc.integer({ min: 1, max: 50 }), async (items, size) => {
        const bytes = Buffer.from(items.map(toNdjson).join(''));
        const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) =>
          bytes.subarray(i * size, (i + 1) * size),
        );
        expect(await read(Readable.from(chunks, { objectMode: false }))).toEqual({
          values: JSON.parse(JSON.stringify(items)),
        });
      }),
      { numRuns: 50 },
    );
  });

  test.each([
    ['a value is one line', { text: 'a\nb\u2028' }, '{"text":"a\\nb\u2028"}\n'],
    ['nothing undefined', { a: undefined, b: 1 }, '{"b":1}\n'],
  ])('%s', (_name, value, text) => {
    expect(toNdjson(value)).toBe(text);
  });

  test.each([
    ['nothing', '', [], undefined],
    ['blank lines', '\n\n{"a":1}\n\r\n', [{ a: 1 }], undefined],
    ['a last line without its end', '{"a":1}\n{"b":2}', [{ a: 1 }, { b: 2 }], undefined],
    ['half a line at the end', '{"a":1}\n{"b":', [{ a: 1 }], 'Could not parse row {"b":...'],
    ['a line of text', '{"a":1}\noops\n{"b":2}\n', [{ a: 1 }], 'Could not parse row oops...'],
    ['a line without end', `{"a":1}\n"${'x'.repeat(5 << 20)}`, [{ a: 1 }], 'maximum buffer reached'],
  ])('%s', async (_name, text, values, error) => {
    const found = await read(Readable.from([Buffer.from(text)], { objectMode: false }));
    expect(found).toEqual(error === undefined ? { values } : { values, error });
  });

  test('a file that cannot be read is an error of the reader', async () => {
    const dir = mkdtempSync(`${tmpdir()}/vexfs-ndjson-`);
    expect((await read(createReadStream(`${dir}/nope`))).error).toContain('ENOENT');
    expect((await read(createReadStream(dir))).error).toContain('EISDIR');
    rmSync(dir, { recursive: true });
  });

  test('who stops early lets go of the file', async () => {
    const endless = Readable.from(
      (function* () {
        for (;;) yield Buffer.from('{"a":1}\n');
      })(),
    );
    for await (const value of readNdjson(endless)) {
      expect(value).toEqual({ a: 1 });
      break;
    }
    await new Promise((resolve) => setImmediate(resolve));
    expect(endless.destroyed).toBe(true);
  });
});
