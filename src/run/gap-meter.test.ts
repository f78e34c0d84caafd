import { describe, expect, test } from 'vitest';
import type { Evidence } from '../model/event.ts';
import { type Gap, GapMeter } from './gap-meter.ts';

const S = 1_000_000_000;
const at = (byte: number, stream = 'ftrace'): Evidence => ({ stream, byte, endByte: byte + 1 });
const lost = (count: number | null, cpu?: number): Gap => ({
  ...{ kind: 'ftrace-lost', lost: count, unit: 'events' },
  ...(cpu !== undefined && { cpu }),
});

function meter() {
  const out: { gap: Gap; bytes: number[]; from: number }[] = [];
  const gaps = new GapMeter((gap, evidence, from) => out.push({ gap, bytes: evidence.map(({ byte }) => byte), from }));
  return { gaps, out };
}

describe('GapMeter', () => {
  test.each([
    ['one loss', [[5, 1]], { lost: 5, bytes: [1] }],
    [
      'many losses are their sum, with the first and last place',
      [
        [5, 1],
        [6, 2],
        [7, 3],
      ],
      { lost: 18, bytes: [1, 3] },
    ],
    [
      'one of unknown size makes the sum unknown',
      [
        [5, 1],
        [null, 2],
        [7, 3],
      ],
      { lost: null, bytes: [1, 3] },
    ],
    [
      'unknown stays unknown',
      [
        [null, 1],
        [7, 3],
      ],
      { lost: null, bytes: [1, 3] },
    ],
    ['nothing lost is said, too', [[0, 1]], { lost: 0, bytes: [1] }],
  ] as const)('%s', (_name, losses, expected) => {
    const { gaps, out } = meter();
    losses.forEach(([count, byte], i) => {
      gaps.add(lost(count), at(byte), 10 + i);
    });
    gaps.flush();
    expect(out).toEqual([{ gap: lost(expected.lost), bytes: expected.bytes, from: 10 }]);
  });

  test('each CPU, stream and kind has a sum of its own', () => {
    const { gaps, out } = meter();
    gaps.add(lost(1, 0), at(1), 0);
    gaps.add(lost(2, 1), at(2), 0);
    gaps.add(lost(4), at(3), 0);
    gaps.add({ kind: 'bpftrace-lost', lost: 8, unit: 'events' }, at(4, 'bpftrace'), 0);
    gaps.add(lost(16, 0), at(5), 0);
    gaps.flush();
    expect(out.map(({ gap }) => [gap.kind, gap.cpu, gap.lost])).toEqual([
      ['ftrace-lost', 0, 17],
      ['ftrace-lost', 1, 2],
      ['ftrace-lost', undefined, 4],
      ['bpftrace-lost', undefined, 8],
    ]);
  });

  test('a sum is due a second after its first loss, and those behind it wait for theirs', () => {
    const { gaps, out } = meter();
    expect(gaps.due).toBeUndefined();
    gaps.add(lost(1, 0), at(1), 0);
    gaps.add(lost(2, 1), at(2), S / 2);
    gaps.add(lost(4, 0), at(3), S - 1);
    expect(gaps.due).toBe(S);
    gaps.flush(S - 1);
    expect(out).toEqual([]);
    gaps.flush(S);
    expect(out.map(({ gap, from }) => [gap.lost, from])).toEqual([[5, 0]]);
    expect(gaps.due).toBe(1.5 * S);
    // What is lost from now on begins a sum anew.
    gaps.add(lost(8, 0), at(4), S);
    gaps.flush();
    expect(out.map(({ gap, from }) => [gap.lost, from])).toEqual([
      [5, 0],
      [2, S / 2],
      [8, S],
    ]);
    expect(gaps.due).toBeUndefined();
  });
});
