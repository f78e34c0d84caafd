import { expect, test } from 'vitest';
import type { EventOf } from '../model/event.ts';
import { MergedGaps } from './merged-gaps.ts';

const gap = (stream: string, lost: number | null, from: number, cpu?: number) =>
  ({
    ...{ event: 'gap', kind: 'ftrace-lost', unit: 'events', stream, lost, from, to: from + 1, evidence: [] },
    ...(cpu !== undefined && { cpu }),
  }) as unknown as EventOf<'gap'>;

test.each([
  ['none', [], []],
  ['one goes by as it is, but for the CPU', [gap('ftrace', 5, 1, 0)], [gap('ftrace', 5, 1)]],
  [
    'those of all CPUs are one, from the first to the last',
    [gap('ftrace', 5, 1, 0), gap('ftrace', 7, 2, 1)],
    [{ ...gap('ftrace', 12, 2), from: 1 }],
  ],
  [
    'what is known counts',
    [gap('ftrace', null, 1, 0), gap('ftrace', 7, 2, 1), gap('ftrace', null, 3)],
    [{ ...gap('ftrace', 7, 3), from: 1 }],
  ],
  ['nothing is known', [gap('ftrace', null, 1), gap('ftrace', null, 2)], [{ ...gap('ftrace', null, 2), from: 1 }]],
  ['streams stay apart', [gap('ftrace', 1, 1), gap('console', 2, 2)], [gap('ftrace', 1, 1), gap('console', 2, 2)]],
])('%s', (_, gaps, merged) => {
  const all = new MergedGaps();
  for (const each of gaps) all.add(each);
  expect(all.take()).toEqual(merged);
  expect(all.take()).toEqual([]);
});
