import { expect, test } from 'vitest';
import type { Message } from '../bpftrace-wrapper/index.ts';
import { parseProbe } from '../probes/index.ts';
import { probeText } from './probes-text.ts';

const { probe } = parseProbe(
  'x',
  `/*
 * x - it
 *
 * map:    @calls count tid comm | calls by task
 * map:    @by sum stack | bytes by stack
 * map:    @us hist op | microseconds
 * map:    @since count tid | bookkeeping: since when
 * cost:   low | rare
 */`,
);
const toText = probeText(probe ? [probe] : []);

test.each<[string, Message, string | null]>([
  [
    'the largest come first',
    {
      kind: 'map',
      name: '@calls',
      entries: [
        { key: '1,sh', value: 3 },
        { key: '22,cat', value: 100 },
      ],
    },
    '@calls calls by task (tid, comm)\n  100  22,cat\n    3  1,sh',
  ],
  [
    'stacks below each other',
    { kind: 'map', name: '@by', entries: [{ key: '\n    kmalloc+1\n    vfs_read+2\n', value: 8 }] },
    '@by bytes by stack (stack)\n  8  kmalloc+1\n     vfs_read+2',
  ],
  [
    'control characters are escaped',
    { kind: 'map', name: '@calls', entries: [{ key: '1,\u001b[2J', value: 3 }] },
    '@calls calls by task (tid, comm)\n  3  1,\\x1b[2J',
  ],
  ['an empty one', { kind: 'map', name: '@calls', entries: [] }, '@calls calls by task (tid, comm)\n  nothing yet'],
  ['of a program without a header', { kind: 'map', name: '@', entries: [{ key: null, value: 5 }] }, '@\n  5'],
  ['bookkeeping is left out', { kind: 'map', name: '@since', entries: [{ key: '1', value: 5 }] }, null],
  [
    'a histogram',
    {
      kind: 'hist',
      name: '@us',
      entries: [
        {
          key: 'read',
          buckets: [
            { min: null, max: -1, count: 1 },
            { min: 0, max: 0, count: 2 },
            { min: 1024, max: 2047, count: 4 },
          ],
        },
      ],
    },
    `@us microseconds (op)\n  read\n         …–-1  1  ${'█'.repeat(8)}\n            0  2  ${'█'.repeat(16)}\n    1024–2047  4  ${'█'.repeat(32)}`,
  ],
  ['a record', { kind: 'printf', text: 'slow 1 2 3 a\u0007b\n' }, 'slow 1 2 3 a\\x07b'],
  ['losses', { kind: 'lost', events: 5 }, 'lost 5 events'],
  ['what is no message for people', { kind: 'attached', probes: 2 }, null],
])('%s', (_name, message, text) => {
  expect(toText(message)).toBe(text);
});

test('of a large map the rest is counted', () => {
  const entries = Array.from({ length: 100 }, (_, i) => ({ key: `${i}`, value: i }));
  const lines = toText({ kind: 'map', name: '@n', entries })?.split('\n') ?? [];
  expect(lines[1]).toBe('  99  99');
  expect(lines).toHaveLength(42);
  expect(lines.at(-1)).toBe('  and 60 more');
});
