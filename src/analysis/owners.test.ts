import { expect, test } from 'vitest';
import type { LockAct } from '../model/trace.ts';
import { ASSUMED, Owners, UNKNOWN } from './owners.ts';

const by = (pid: number) => ({
  ...{ time: 1, cpu: 0, pid, comm: 'x', depth: 0, irqsOff: false, bhOff: false },
  context: 'task' as const,
});

function heard(owners: Owners, pids: readonly number[]): void {
  for (const pid of pids) owners.of(by(pid));
}
const there = (owners: Owners, pids: readonly number[]) => pids.filter((pid) => owners.find(pid) !== undefined);

test('the owner not heard of for longest makes room, who holds a lock stays', () => {
  const owners = new Owners({ owners: 3 });
  heard(owners, [1, 2, 3, 1]);
  owners.of(by(3)).held = [{} as LockAct];
  heard(owners, [4, 5]);
  expect([there(owners, [1, 2, 3, 4, 5]), owners.evicted]).toEqual([[3, 4, 5], 2]);
  // It has let go of it, and is the oldest.
  owners.of(by(3)).held = [];
  heard(owners, [4, 5, 6]);
  expect(there(owners, [3, 4, 5, 6])).toEqual([4, 5, 6]);
});

test('where all hold locks, the oldest goes', () => {
  const owners = new Owners({ owners: 2 });
  for (const pid of [1, 2]) owners.of(by(pid)).held = [{} as LockAct];
  heard(owners, [3]);
  expect(there(owners, [1, 2, 3])).toEqual([2, 3]);
});

test('after a loss nobody is known to hold anything, and each may make room', () => {
  const owners = new Owners({ owners: 2 });
  for (const pid of [1, 2]) owners.of(by(pid)).held = [{} as LockAct];
  heard(owners, [3]);
  const version = owners.find(2)?.heldVersion ?? 0;
  owners.gap();
  expect(owners.find(2)).toMatchObject({ held: [], heldVersion: version + 1, certainty: UNKNOWN, events: 0 });
  heard(owners, [4]);
  expect(there(owners, [2, 3, 4])).toEqual([3, 4]);
  expect(owners.find(4)?.certainty).toBe(UNKNOWN);
  owners.reset();
  expect(owners.of(by(5)).certainty).toBe(ASSUMED);
});
