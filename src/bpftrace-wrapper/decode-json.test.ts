import { describe, expect, test } from 'vitest';
import type { Message } from './message.ts';
import { fixture, json, of, read } from './testing.ts';

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
