import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LineSplitter, MAX_LINE_BYTES, type RawLine } from './lines.ts';

function split(chunks: readonly Uint8Array[]): RawLine[] {
  const splitter = new LineSplitter();
  const lines: RawLine[] = [];
  for (const chunk of chunks) splitter.push(chunk, (line) => lines.push(line));
  splitter.flush((line) => lines.push(line));
  return lines;
}

const texts = (...chunks: string[]) => split(chunks.map((chunk) => Buffer.from(chunk))).map((line) => line.text);

describe('LineSplitter', () => {
  test.each([
    ['one line', ['a\n'], ['a']],
    ['no newline at the end', ['a\nb'], ['a', 'b']],
    ['CRLF over a chunk border', ['a\r', '\nb\r\n'], ['a', 'b']],
    ['a lone carriage return stays', ['a\rb\n'], ['a\rb']],
    ['empty lines count', ['\n\n'], ['', '']],
  ])('%s', (_name, chunks, expected) => {
    expect(texts(...chunks)).toEqual(expected);
  });

  test('any chunking gives the same lines, and offsets cover the stream', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.array(fc.nat(200)), (raw, cuts) => {
        const bytes = raw.map((byte) => (byte % 5 === 0 ? 10 : byte));
        const whole = split([bytes]);
        const points = [0, ...cuts.map((cut) => Math.min(cut, bytes.length)), bytes.length].sort((a, b) => a - b);
        const parts = points.slice(1).map((end, i) => bytes.slice(points[i], end));
        expect(split(parts)).toEqual(whole);
        expect(whole.at(-1)?.endByte ?? 0).toBe(bytes.length);
        whole.forEach((line, i) => {
          expect(line.byte).toBe(whole[i - 1]?.endByte ?? 0);
        });
      }),
    );
  });

  test('a line without end does not fill the memory', () => {
    const [line] = split([new Uint8Array(MAX_LINE_BYTES).fill(97), new Uint8Array(10).fill(98), Buffer.from('\n')]);
    expect(line?.text.length).toBe(MAX_LINE_BYTES);
    expect(line?.cut).toBe(true);
    expect(line?.endByte).toBe(MAX_LINE_BYTES + 11);
  });
});
