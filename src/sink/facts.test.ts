import { describe, expect, test } from 'vitest';
import { isFinding } from '../model/event.ts';
import { stepsOf } from '../run/testing-analyze.ts';
import { factsOf, instructionsOf } from './facts.ts';
import { FINDING } from './testing.ts';

const told = (details: Readonly<Record<string, unknown>>) =>
  factsOf({ ...FINDING, details }).map(({ label, text }) => `${label}: ${text}`);

describe('facts', () => {
  test('what the module did last, as the kernel printed it', () => {
    const one = { op: 'write', ino: '2', comm: 'vexload', pid: 142, cpu: 1, ret: 4096, ns: 12_400 };
    const operations = [...Array.from({ length: 9 }, () => one), { ...one, op: 'read', ret: null, ns: null }, null];
    const before = factsOf({ details: {}, flight: { dumped: { operations } } }).map(({ text }) => text);
    expect(before).toHaveLength(4);
    expect(before[0]).toBe('write of inode 2 by vexload 142 on CPU 1: returned 4096 after 12 µs');
    expect(before[3]).toBe('read of inode 2 by vexload 142 on CPU 1: still running');
  });

  test.each([
    [{ access: 'read', size: 1, address: '0x1' }, ['access: read of 1 byte at 0x1']],
    [{ access: 'write', address: '0x8', privilege: 'supervisor' }, ['access: write at 0x8 in supervisor mode']],
    [{ address: '0x8' }, ['access: at 0x8']],
    [{ size: 8 }, []],
    [{ message: 'a\nb', list: { problem: 'p', expected: 'e', found: 'f' } }, ['message: a / b']],
    [{ list: { problem: 'p should be', expected: 'e', found: 'f' } }, ['list: p should be e, but was f']],
    [{ object: { size: 96, cache: 'kmalloc-96' } }, ['object: 96-byte object of cache kmalloc-96']],
    [{ cache: 'fasync_cache' }, ['object: fasync_cache']],
    [
      { locks: Array.from({ length: 20 }, (_, i) => ({ name: `l${i}` })) },
      expect.arrayContaining(['held: and 12 more']),
    ],
    [{ cycle: { nodes: ['a', 'b', 'c'] } }, ['cycle: a → b → c → a']],
    [
      { waits: [{ for: 'sleep', name: 'msleep', ms: 1501.2, times: 1, stack: ['msleep', 'f [vexfs]', 'g [vexfs]'] }] },
      ['waited: 1501.2 ms asleep in msleep, called by f [vexfs]'],
    ],
    [
      {
        waits: [
          {
            for: 'lock',
            name: 'inode.rwsem',
            ms: 900,
            times: 3,
            stack: [],
            heldBy: { comm: 'cp', pid: 7, op: 'write' },
          },
          { for: 'lock', name: 'b', ms: 1, times: 1, stack: [], heldBy: null },
          null,
          {},
        ],
      },
      ['waited: 900 ms for lock inode.rwsem in 3 waits, held by cp 7 in write', 'waited: 1 ms for lock b'],
    ],
    [{ spinlock: { owner: 'cp', ownerCpu: 0 } }, ['lock: owner cp, CPU 0']],
    [{ maintainers: [{ who: 'Fay', role: 'maintainer' }] }, ['send to: Fay (maintainer)']],
    // What is not as expected is passed over, not shown as it is.
    [
      { object: 'x', locks: 'x', accesses: [null, 1, 'x', {}], cycle: { nodes: [1, {}] }, seconds: {} },
      ['cycle: 1 → 1'],
    ],
    [{ somethingNew: 'x', registers: { RAX: '0' } }, []],
  ])('of %j', (details, facts) => {
    expect(told(details)).toEqual(facts);
  });

  test.each([
    ['kasan/uaf-read', ['access', 'object']],
    ['kasan/lock-inversion', ['wants', 'holds', 'cycle', 'held', 'held', 'held']],
    ['kasan/irq-lock-inversion', ['wants', 'usage', 'held', 'held', 'held']],
    ['kasan/atomic-sleep', ['atomic', 'preempt', 'held', 'held']],
    ['kasan/ubsan-bounds', ['bounds']],
    ['kcsan/data-race', ['access', 'access']],
    ['stock/null-deref', ['access']],
    ['stock/list-corruption', ['message']],
    ['stock/soft-lockup', ['stuck']],
    ['stock/memory-hog', ['killed', 'asked']],
  ])('of the recording %s are there', async (name, labels) => {
    const [first] = await stepsOf([`guests/${name}.console`]);
    if (first === undefined || first === 'pause' || !('event' in first) || !isFinding(first.event))
      throw new Error('?');
    expect(factsOf(first.event).map(({ label }) => label)).toEqual(labels);
  });
});

test('instructions are those around the trap', () => {
  const lines = ['a', 'b', 'c', 'd', '> trap', 'e', 'f', 'g'];
  const of = (disassembly: unknown) => instructionsOf({ ...FINDING, details: { disassembly } });
  expect(of(lines)).toEqual(['b', 'c', 'd', '> trap', 'e', 'f']);
  expect(of(['> trap'])).toEqual(['> trap']);
  for (const nothing of [undefined, [], ['a', 'b'], 'x', [1, 2]]) expect(of(nothing)).toEqual([]);
});
