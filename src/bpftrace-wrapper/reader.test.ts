import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Message, MessageKind } from './message.ts';
import { BpftraceReader } from './reader.ts';
import { fixture, json, of, read, VERSIONS } from './testing.ts';

describe('every version', () => {
  const flat = (all: readonly Message[], kinds: readonly MessageKind[]) =>
    all.flatMap((message) =>
      kinds.includes(message.kind) && 'entries' in message
        ? message.entries.map((entry): [string, unknown] => [message.name, entry])
        : [],
    );
  const aggregates = ['hist', 'lhist', 'stats'] as const;

  test.each(VERSIONS)('%s: nothing of a recording is left unread', (version) => {
    for (const name of ['values', 'stacks', 'lost', 'helper', 'keys', ...(version === '0.27' ? ['newer'] : [])]) {
      const messages = read(fixture(`${name}.json`, version));
      expect([...of(messages, 'unread'), ...of(messages, 'other')], name).toEqual([]);
    }
  });
  test.each(VERSIONS)('%s: the same values', (version) => {
    const messages = read(fixture('values.json', version));
    expect(flat(messages, aggregates)).toEqual(flat(read(fixture('values.json')), aggregates));
    const big = of(messages, 'map').find((map) => map.name === '@big')?.entries[0]?.value;
    expect(String(big)).toBe('18446612686364999681');
    expect(of(messages, 'printf').map((entry) => entry.text)).toContain('café ü\n');
    const y = of(messages, 'map').find((map) => map.name === '@y')?.entries ?? [];
    expect(y.map((entry) => entry.key)).toEqual(['a,,b', 'a,,b']);
  });
  test.each(VERSIONS)('%s: text says what JSON says', (version) => {
    const [text, value] = [read(fixture('values.txt', version)), read(fixture('values.json', version))];
    expect(flat(text, ['hist', 'lhist'])).toEqual(flat(value, ['hist', 'lhist']));
    expect(of(text, 'stats').map((entry) => entry.name)).toEqual(['@sk', '@sk', '@st']);
    const stacks = of(read(fixture('stacks.txt', version)), 'map');
    expect(stacks.length).toBeGreaterThan(10);
    for (const { name, entries } of stacks) {
      expect(name).toBe('@e');
      expect(entries[0]?.key).toMatch(/^\n( {4,8}\S+\+\d+\n)+, [01]$/);
    }
  });
  test.each(VERSIONS)('%s: keys with quotes, newlines and UTF-8', (version) => {
    const messages = read(fixture('keys.json', version));
    const keys = flat(messages, ['map', 'hist', 'stats']).map(([name, entry]) => [
      name,
      (entry as { key: string }).key,
    ]);
    expect(keys).toEqual([
      ['@hk', 'é\n'],
      ['@k', 'é"q\\b\n'],
      ['@sk', 'é\n'],
      ['@t', null],
      ['@z', expect.stringMatching(/^é"q\\b\n,\n *bpf_\w+\+\d+\n$/)],
    ]);
  });
  test.each(VERSIONS)('%s: a helper that fails, events that are lost', (version) => {
    expect(of(read(fixture('helper.json', version)), 'error')).toMatchObject([
      { helper: 'probe_read_kernel', code: -34, place: { line: 1, column: 14 } },
    ]);
    const lost = of(read(fixture('lost.json', version)), 'lost');
    expect(lost.length).toBeGreaterThan(0);
    expect(lost.every(({ events }) => events > 0)).toBe(true);
  });
  test('0.27: runtime errors, warnf, errorf, tseries, records', () => {
    const messages = read(fixture('newer.json', '0.27'));
    expect(of(messages, 'error')).toMatchObject([
      { text: expect.stringContaining('modulo by 0'), place: { file: 'newer.bt', line: 2, column: 30 } },
    ]);
    expect(of(messages, 'warnf')).toEqual([{ kind: 'warnf', text: 'low 3\n' }]);
    expect(of(messages, 'errorf')).toEqual([{ kind: 'errorf', text: 'bad 4\n' }]);
    expect(of(messages, 'tseries').map(({ name }) => name)).toEqual(['@ts']);
    expect(of(messages, 'value')[0]?.value).toMatchObject({
      fields: [
        ['a', 1],
        [
          'b',
          {
            fields: [
              ['c', 2],
              ['d', 'y'],
            ],
          },
        ],
      ],
    });
  });
});

describe('any input', () => {
  const chunked = (bytes: Uint8Array, cuts: readonly number[]) => {
    const reader = new BpftraceReader({ maxLineBytes: 2000 });
    const points = [0, ...cuts.map((cut) => Math.min(cut, bytes.length)), bytes.length].sort((a, b) => a - b);
    const messages = points.slice(1).flatMap((end, i) => reader.push(bytes.slice(points[i], end)));
    return [...messages, ...reader.end()];
  };

  const recordings = VERSIONS.flatMap((version) =>
    ['values.json', 'values.txt', 'stacks.txt', 'keys.json', 'lost.json'].map((name) => [version, name] as const),
  );
  test.each(recordings)('%s %s in any chunks', (version, name) => {
    const bytes = new Uint8Array(fixture(name, version));
    const whole = chunked(bytes, []);
    fc.assert(
      fc.property(fc.array(fc.nat(bytes.length), { maxLength: 20 }), (cuts) => {
        expect(chunked(bytes, cuts)).toEqual(whole);
      }),
      { numRuns: 50 },
    );
  });
  test('a bucket that ends between integers is no reason to stop', () => {
    const line =
      '{"type": "hist", "data": {"@x": [{"min": 2, "max": 2.47, "count": 1}, {"min": 4, "max": 7, "count": 1}]}}';
    expect(chunked(new TextEncoder().encode(`${line}\n`), [])).toMatchObject([{ name: '@x' }]);
  });
  test('garbage, truncation and changed bytes never throw', () => {
    const sources = VERSIONS.flatMap((version) =>
      ['values.json', 'values.txt', 'stacks.json', 'stacks.txt', 'keys.json'].map((name) => fixture(name, version)),
    );
    fc.assert(
      fc.property(
        fc.constantFrom(...sources),
        fc.nat(5000),
        fc.array(fc.tuple(fc.nat(5000), fc.nat(255)), { maxLength: 30 }),
        (source, length, changes) => {
          const bytes = new Uint8Array(source.subarray(0, length));
          for (const [at, byte] of changes) if (at < bytes.length) bytes[at] = byte;
          chunked(bytes, []);
        },
      ),
      { numRuns: 500 },
    );
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom(...'{}[]",:\\ 1a@u\n') }),
        (text) => void json(`{"type": "${text}`),
      ),
    );
  });
});
