import { expect, test } from 'vitest';
import { mapMessages } from './core-messages.ts';
import { parseProbe } from './header.ts';

const { probe } = parseProbe(
  'x',
  `/*
 * x - it
 *
 * map:    calls count tid comm | calls
 * map:    bytes sum protocol | bytes
 * map:    worst max tid | the longest
 * map:    total count | calls in all
 * map:    us hist | microseconds
 * map:    calls_lost lost | calls without room
 * cost:   low | rare
 */`,
  'core',
);
if (!probe) throw new Error('the header is wrong');
const messages = mapMessages(probe);

test.each([
  [
    'parts of a key in the order of the structure',
    { name: 'calls', entries: [{ key: { tid: 7, comm: 'a, b' }, values: [3] }] },
    { kind: 'map', entries: [{ key: '7,a, b', value: 3 }] },
  ],
  [
    'CPUs are added up',
    { name: 'bytes', entries: [{ key: 'ipv4', values: [1, 2, '9007199254740000'] }] },
    { kind: 'map', entries: [{ key: 'ipv4', value: 9007199254740003 }] },
  ],
  [
    'or the largest of them is taken',
    { name: 'worst', entries: [{ key: 7, values: [1, 5, 2] }] },
    { kind: 'map', entries: [{ key: '7', value: 5 }] },
  ],
  [
    'an array of one has no key',
    { name: 'total', entries: [{ key: 0, values: [4] }] },
    { kind: 'map', entries: [{ key: null, value: 4 }] },
  ],
  [
    'a bucket for each number of bits',
    {
      name: 'us',
      entries: [
        {
          key: 0,
          values: [
            [1, 2, 0, 3],
            [0, 1, 0, 0],
          ],
        },
      ],
    },
    {
      kind: 'hist',
      entries: [
        {
          key: null,
          buckets: [
            { min: 0, max: 0, count: 1 },
            { min: 1, max: 1, count: 3 },
            { min: 4, max: 7, count: 3 },
          ],
        },
      ],
    },
  ],
])('%s', (_name, map, message) => {
  expect(messages([map])).toEqual([{ name: map.name, ...message }]);
});

test('what is not declared is bookkeeping', () => {
  expect(messages([{ name: 'since', entries: [{ key: 1, values: [2] }] }])).toEqual([]);
});

test('losses are told as they come', () => {
  const lost = (count: number) => [{ name: 'calls_lost', entries: [{ key: 0, values: [count] }] }];
  expect([0, 3, 3, 10].map((count) => messages(lost(count)))).toEqual([
    [],
    [{ kind: 'lost', events: 3 }],
    [],
    [{ kind: 'lost', events: 7 }],
  ]);
});
