import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Message, MessageKind, MessageOf } from './message.ts';
import { BpftraceReader, type ReaderOptions } from './reader.ts';

const VERSIONS = ['0.17', '0.23', '0.27'] as const;
const fixture = (name: string, version: (typeof VERSIONS)[number] = '0.17') =>
  readFileSync(new URL(`../../fixtures/bpftrace/${version}/${name}`, import.meta.url));

function read(bytes: Uint8Array | string, options?: ReaderOptions): Message[] {
  const reader = new BpftraceReader(options);
  return [...reader.push(Buffer.from(bytes)), ...reader.end()];
}

function of<K extends MessageKind>(messages: readonly Message[], kind: K): MessageOf<K>[] {
  return messages.filter((message): message is MessageOf<K> => message.kind === kind);
}

const json = (line: string) => read(`${line}\n`, { mode: 'json' });

describe('recordings of 0.17', () => {
  const messages = read(fixture('values.json'));
  const maps = of(messages, 'map');
  const map = (name: string) => maps.filter((entry) => entry.name === name).map((entry) => entry.entries);

  test('nothing is left unread, blank lines included', () => {
    for (const name of ['values', 'stacks', 'lost', 'helper', 'attach']) {
      expect(of(read(fixture(`${name}.json`)), 'unread'), name).toEqual([]);
    }
  });
  test('bytes above 0x7f are UTF-8 again', () => {
    expect(of(messages, 'printf').map((entry) => entry.text)).toContain('café ü\n');
    expect(of(messages, 'value').map((entry) => entry.value)).toContain('café');
  });
  test('strftime values without quotes', () => {
    expect(of(messages, 'value').map((entry) => entry.value)).toEqual(
      expect.arrayContaining([[1, 'bpftrace', '07:01:57'], '2026-11-21, 07:01']),
    );
  });
  test('integers of 64 bits are exact', () => {
    expect(map('@big')).toEqual([[{ key: null, value: 18446612686364999681n }]]);
    expect(of(messages, 'value').map((entry) => entry.value)).toContain(18446612686364999681n);
  });
  test('repeated keys stay', () => {
    expect(map('@y')).toEqual([
      [
        { key: 'a,,b', value: 1 },
        { key: 'a,,b', value: 2 },
      ],
    ]);
  });
  test('a helper error has no data', () => {
    expect(of(read(fixture('helper.json')), 'error')).toEqual([
      {
        kind: 'error',
        helper: 'probe_read_kernel',
        code: -34,
        text: '',
        place: { file: null, line: 1, column: 14, endColumn: null },
      },
    ]);
  });
  test('losses', () => {
    expect(of(read(fixture('lost.json')), 'lost').map((entry) => entry.events)).toEqual([1172, 229, 50]);
  });
  test('keys that are stacks', () => {
    const [first] = of(read(fixture('stacks.json')), 'map');
    expect(first?.entries[0]?.key).toMatch(/^\n {4}__kvmalloc_node_noprof\+771\n.*\n,0$/s);
  });
  test('histograms, statistics', () => {
    expect(of(messages, 'hist').map((entry) => entry.name)).toEqual(['@h', '@h', '@hk', '@lk']);
    expect(of(messages, 'lhist')).toMatchObject([{ name: '@l', entries: [{ key: null }] }]);
    expect(of(messages, 'lhist')[0]?.entries[0]?.buckets.at(-1)).toEqual({ min: 100, max: null, count: 1 });
    expect(of(messages, 'stats').map(({ name, entries }) => [name, entries])).toEqual([
      ['@ak', [{ key: 'k', count: null, average: 5, total: null }]],
      ['@avg', [{ key: null, count: null, average: 4, total: null }]],
      [
        '@sk',
        [
          { key: '1', count: 1, average: 3, total: 3 },
          { key: '2', count: 1, average: 9, total: 9 },
        ],
      ],
      ['@st', [{ key: null, count: 1, average: 7, total: 7 }]],
    ]);
  });
});

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

describe('shapes from src/output/json.cpp that no recording has', () => {
  test.each<[string, string, Message[]]>([
    [
      '0.24 attached',
      '{"type": "attached_probes", "count": 2, "data": {"probes": 2}}',
      [{ kind: 'attached', probes: 2 }],
    ],
    ['0.24 lost', '{"type": "lost_events", "count": 9, "data": {"events": 4}}', [{ kind: 'lost', events: 4 }]],
    [
      '0.24 wide integers in quotes',
      '{"type": "hist", "data": {"@h": [{"min": "9223372036854775808", "max": "18446744073709551615", "count": 1}]}}',
      [
        {
          kind: 'hist',
          name: '@h',
          entries: [{ key: null, buckets: [{ min: 9223372036854775808n, max: 18446744073709551615n, count: 1 }] }],
        },
      ],
    ],
    ['0.24 bool', '{"type": "value", "data": true}', [{ kind: 'value', value: true }]],
    ['record', '{"type": "value", "data": {"a": 1}}', [{ kind: 'value', value: { fields: [['a', 1]] } }]],
    [
      '0.24 runtime error',
      '{"type": "runtime_error", "msg": "divide by zero", "filename": "x.bt", "line": 3, "col": 4}',
      [
        {
          kind: 'error',
          helper: null,
          code: null,
          text: 'divide by zero',
          place: { file: 'x.bt', line: 3, column: 4, endColumn: null },
        },
      ],
    ],
    ['0.25 warnf', '{"type": "warnf", "msg": "low\\n", "line": 1, "col": 2}', [{ kind: 'warnf', text: 'low\n' }]],
    [
      '0.24 tseries',
      '{"type": "tseries", "data": {"@a": [{"interval_start": "1970-01-01 00:00:00.5", "value": 9}]}}',
      [
        {
          kind: 'tseries',
          name: '@a',
          value: [
            {
              fields: [
                ['interval_start', '1970-01-01 00:00:00.5'],
                ['value', 9],
              ],
            },
          ],
        },
      ],
    ],
    ['unknown type', '{"type": "new_thing", "data": 1}', [{ kind: 'other', type: 'new_thing', value: 1 }]],
    [
      'strerror to 0.19',
      '{"type": "map", "data": {"@e": {"1": No such file, "2": 5}}}',
      [
        {
          kind: 'map',
          name: '@e',
          entries: [
            { key: '1', value: 'No such file' },
            { key: '2', value: 5 },
          ],
        },
      ],
    ],
  ])('%s', (_name, line, expected) => {
    expect(json(line)).toEqual(expected);
  });
});

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

describe('text mode', () => {
  const messages = read(fixture('values.txt'));
  const named = (name: string) => messages.filter((message) => 'name' in message && message.name === name);

  test('says what JSON says of histograms', () => {
    const same = (all: readonly Message[]) =>
      all.filter((message) => message.kind === 'hist' || message.kind === 'lhist');
    const flat = (all: readonly Message[]) =>
      same(all).flatMap((message) =>
        'entries' in message ? message.entries.map((entry) => [message.name, entry]) : [],
      );
    expect(flat(messages)).toEqual(flat(read(fixture('values.json'))));
  });
  test('maps and statistics', () => {
    expect(messages[0]).toEqual({ kind: 'attached', probes: 2 });
    expect(named('@big')).toEqual([
      { kind: 'map', name: '@big', entries: [{ key: null, value: 18446612686364999681n }] },
    ]);
    expect(named('@m')).toEqual([{ kind: 'map', name: '@m', entries: [{ key: 'b, 2', value: 4 }] }]);
    expect(named('@st')).toEqual([
      { kind: 'stats', name: '@st', entries: [{ key: null, count: 1, average: 7, total: 7 }] },
    ]);
  });
  test('keys that are stacks', () => {
    const [first] = of(read(fixture('stacks.txt')), 'map');
    expect(first).toMatchObject({ name: '@e', entries: [{ value: 19 }] });
    expect(first?.entries[0]?.key).toMatch(/^\n {4}__kvmalloc_node_noprof\+771\n.*\n, 0$/s);
  });
  test('losses and helper errors', () => {
    expect(of(read(fixture('lost.txt')), 'lost').map((entry) => entry.events)).toEqual([3, 4]);
    expect(of(read(fixture('helper.txt')), 'error')).toMatchObject([
      { helper: 'probe_read_kernel', code: -34, place: { file: 'helper.bt', line: 1, column: 14, endColumn: 15 } },
    ]);
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
