import { describe, expect, test } from 'vitest';
import type { LeakSample, QuiescePoint } from '../model/leak-sample.ts';
import { Leaks } from './leaks.ts';

/** Objects that places of the module hold, `name` or `name/caller`; or what it is besides. */
type Point = readonly [QuiescePoint, Readonly<Record<string, number>>, Partial<LeakSample>?];

function sampleOf(counts: Readonly<Record<string, number>>, more: Partial<LeakSample> = {}): LeakSample {
  const held = Object.values(counts).reduce((sum, count) => sum + count, 0);
  return {
    allocations: 1000 + held,
    frees: 1000,
    missedAllocations: 0,
    missedFrees: 0,
    settledMs: 0,
    sites: Object.entries(counts)
      .filter(([, count]) => count > 0)
      .map(([place, count]) => {
        const [fn = '', caller = 'write'] = place.split('/');
        const frames = [
          { fn: 'kvmalloc_node', offset: '0x4', size: '0x9' },
          { fn, offset: '0x1', size: '0x2', module: 'm' },
          { fn: caller, offset: '0x3', size: '0x9', module: 'm' },
        ];
        return { count, bytes: count * 64, allocations: count, frames };
      }),
    cut: false,
    ...more,
  };
}

function told(points: readonly Point[], disturbedBefore?: number): string[] {
  const leaks = new Leaks('m');
  return points.flatMap(([point, counts, more], i) => {
    if (i === disturbedBefore) leaks.disturb();
    return leaks.sample(point, sampleOf(counts, more)).map((leak) => `${leak.certainty} ${leak.fn} ${leak.atLeast}`);
  });
}

const CASES: readonly (readonly [string, readonly Point[], readonly string[]])[] = [
  [
    'a module that gives back all',
    [
      ['unmounted', {}],
      ['unloaded', {}],
    ],
    [],
  ],
  ['what is there when the module is gone', [['unloaded', { a: 16 }]], ['unloaded a 16']],
  ['several places', [['unloaded', { a: 1, b: 2 }]], ['unloaded a 1', 'unloaded b 2']],
  ['a place that two ways lead to', [['unloaded', { 'a/read': 1, 'a/write': 2 }]], ['unloaded a 3']],
  ['what a module keeps while it lives', [...rounds(9, 9, 9, 9, 9, 9), ['unloaded', {}]], []],
  ['a cache that fills up', rounds(1, 5, 8, 8, 8, 8, 9), []],
  ['more at each of four points', rounds(3, 5, 6, 9), ['growing a 6']],
  ['the same, told once', rounds(3, 5, 6, 9, 12, 15), ['growing a 6']],
  ['growth that stops in between', rounds(3, 5, 5, 9, 12), []],
  ['growth from nothing', rounds(0, 1, 2, 3), ['growing a 3']],
  ['growth first, then certainty', [...rounds(1, 2, 3, 4), ['unloaded', { a: 5 }]], ['growing a 3', 'unloaded a 5']],
  ['as many unseen frees', [['unloaded', { a: 16 }, { missedFrees: 16 }]], []],
  ['fewer unseen frees', [['unloaded', { a: 16 }, { missedFrees: 6 }]], ['unloaded a 10']],
  ['nobody knows how many frees were unseen', [['unloaded', { a: 16 }, { missedFrees: null }]], []],
  ['growth no faster than unseen frees', rounds(3, 5, 7, 9).map(([p, c], i) => [p, c, { missedFrees: 2 * i }]), []],
  ['growth that is faster', rounds(3, 6, 9, 12).map(([p, c], i) => [p, c, { missedFrees: 2 * i }]), ['growing a 3']],
  [
    'a place that was not told of for want of room',
    [...rounds(1, 2), ['unmounted', { b: 9 }, { cut: true }], ...rounds(3, 4)],
    [],
  ],
];

function rounds(...counts: readonly number[]): Point[] {
  return counts.map((count) => ['unmounted', { a: count }]);
}

test.each(CASES)('%s', (_, points, expected) => {
  expect(told(points)).toEqual(expected);
});

test('what a task had that died in the kernel is no leak', () => {
  expect(
    told(
      [
        ['unmounted', {}],
        ['unloaded', { a: 16 }],
      ],
      1,
    ),
  ).toEqual([]);
});

test('a leak says what it rests on', () => {
  const leaks = new Leaks('m');
  for (const count of [1, 3, 5]) leaks.sample('unmounted', sampleOf({ 'a/read': count }));
  const [leak] = leaks.sample('unmounted', sampleOf({ 'a/read': 6, 'a/write': 1 }, { missedFrees: 1 }));
  expect(leak).toMatchObject({
    ...{ fn: 'a', certainty: 'growing', objects: 7, bytes: 448, atLeast: 5, missedFrees: 1 },
    ...{ counts: [1, 3, 5, 7], slope: 2 },
  });
  expect(leak?.stacks.map(({ count, frames }) => [count, frames.at(-1)?.fn])).toEqual([
    [6, 'read'],
    [1, 'write'],
  ]);
});

/** A load whose objects live for a while: what the guest counts of it when events do not reach it. */
function load(seed: number, leakEvery: number, kept: (free: boolean) => boolean): readonly Point[] {
  let state = seed;
  const random = (below: number) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return (state >>> 8) % below;
  };
  const held: Record<string, number> = { a: 0, b: 0 };
  const points: Point[] = [];
  let missedFrees = 0;
  for (let round = 0; round < 6; round++) {
    for (let i = 0; i < 500; i++) {
      const place = random(2) === 0 ? 'a' : 'b';
      if (!kept(false)) continue;
      held[place] = (held[place] ?? 0) + 1;
      if (leakEvery > 0 && place === 'a' && random(leakEvery) === 0) continue;
      if (kept(true)) held[place] -= 1;
      else missedFrees += 1;
    }
    points.push(['unmounted', { ...held }, { missedFrees }]);
  }
  return [...points, ['unloaded', { ...held }, { missedFrees }]];
}

describe('with half of the events dropped', () => {
  const half = (seed: number) => {
    let state = seed;
    return () => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return (state >>> 16) % 2 === 0;
    };
  };
  const seeds = Array.from({ length: 50 }, (_, i) => i + 1);

  test.each(seeds)('a clean load gives no finding, seed %i', (seed) => {
    expect(told(load(seed, 0, half(seed)))).toEqual([]);
  });

  test.each(seeds)('of the allocations alone, a leak is found, seed %i', (seed) => {
    const keep = half(seed);
    const found = told(load(seed, 10, (free) => free || keep()));
    expect(found.at(-1)).toMatch(/^unloaded a \d+$/);
    expect(found.filter((leak) => leak.includes(' b '))).toEqual([]);
  });

  test.each(seeds)('of the frees, a leak is told where it is larger than they are, seed %i', (seed) => {
    const keep = half(seed);
    const points = load(seed, 10, (free) => !free || keep());
    const [, held, more] = points.at(-1) as Point;
    const larger = Object.entries(held).filter(([, count]) => count > (more?.missedFrees ?? 0));
    expect(told(points.slice(-1))).toEqual(
      larger.map(([place, count]) => `unloaded ${place} ${count - (more?.missedFrees ?? 0)}`),
    );
  });

  test.each(seeds)('of the looks, nothing is made up and the end is told, seed %i', (seed) => {
    const keep = half(seed);
    const points = load(seed, 10, () => true).filter(([point]) => point === 'unloaded' || keep());
    expect(told(points).at(-1)).toMatch(/^unloaded a /);
    const clean = load(seed, 0, () => true).filter(keep);
    expect(told(clean)).toEqual([]);
  });
});
