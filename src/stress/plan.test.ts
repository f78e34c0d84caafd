import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FAULT_TESTS } from './fault-tests.ts';
import { levelRow } from './levels.ts';
import { type PlannedTest, planRun, type Wishes } from './plan.ts';
import { TESTS } from './tests.ts';

const WISHES: Wishes = {
  levels: [1],
  domains: [],
  tests: [],
  durationMs: 3_600_000,
  faults: 5,
  seed: 1,
  settings: {},
  levelOptions: {},
};
const ids = (tests: readonly PlannedTest[]) => tests.map(({ id }) => id);

describe('the tables', () => {
  test('every test of a level is there, and every name is good for the log', () => {
    const names = TESTS.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    for (const name of names) expect(name).toMatch(/^[a-z0-9][a-z0-9-]{0,60}$/);
    for (const level of [1, 2, 3] as const) for (const { test } of levelRow(level).tests) expect(names).toContain(test);
    for (const { after } of TESTS) for (const name of after) expect(names).toContain(name);
  });

  test.each([1, 2] as const)('level %i fits into its time', (level) => {
    const { estimateMs } = planRun({ ...WISHES, levels: [level] });
    expect(estimateMs).toBeLessThan(levelRow(level).budgetMs);
  });
});

describe('a plan', () => {
  test('of a level is its tests in their order', () => {
    expect(ids(planRun(WISHES).tests)).toEqual(levelRow(1).tests.map(({ test }) => test));
  });

  test('keeps to the domains and tests that were asked for', () => {
    const vector = planRun({ ...WISHES, levels: [2], domains: ['vector'] }).tests;
    expect(ids(vector)).toEqual(['vectors']);
    expect(ids(planRun({ ...WISHES, levels: [2], tests: ['names', 'files'] }).tests)).toEqual(['files', 'names']);
    expect(ids(planRun({ ...WISHES, levels: [], tests: ['fault-panic'] }).tests)).toEqual(['fault-panic']);
  });

  test('is repeated round by round, each test with a seed of its own', () => {
    const { tests, estimateMs } = planRun({ ...WISHES, levels: [], tests: ['speed', 'names'], repeat: 3 });
    expect(ids(tests)).toEqual(['speed', 'names', 'speed.2', 'names.2', 'speed.3', 'names.3']);
    expect(new Set(tests.map(({ seed }) => seed)).size).toBe(6);
    expect(estimateMs).toBe(3 * planRun({ ...WISHES, levels: [], tests: ['speed', 'names'] }).estimateMs);
    expect(planRun({ ...WISHES, repeat: 1e9 }).tests.length).toBeLessThan(21_000);
  });

  test('takes what a level was told to be otherwise', () => {
    const levelOptions = { 1: { seconds: 9, tests: ['names', 'files'] } };
    const { tests } = planRun({ ...WISHES, levels: [1, 2], levelOptions });
    expect(ids(tests).slice(0, 2)).toEqual(['names', 'files']);
    expect(tests[0]?.settings).toMatchObject({ seconds: 9 });
    expect(tests.find(({ id }) => id === 'names.2')?.settings).toMatchObject({ seconds: 90 });
  });

  test('of rounds lasts about as long as was asked for', () => {
    for (const minutes of [15, 60, 600]) {
      const { estimateMs } = planRun({ ...WISHES, levels: [3], durationMs: minutes * 60_000 });
      expect(estimateMs / 60_000).toBeGreaterThanOrEqual(minutes);
      expect(estimateMs / 60_000).toBeLessThan(minutes + 3);
    }
  });

  test('has as many faults as asked for, always a silent hang and a dead agent, and others by the seed', () => {
    const faultsOf = (seed: number) =>
      ids(planRun({ ...WISHES, levels: [3], seed }).tests).filter((id) => id.startsWith('fault-'));
    const choices = [1, 2, 3, 4, 5].map(faultsOf);
    for (const choice of choices) {
      expect(choice).toHaveLength(5);
      expect(choice).toEqual(expect.arrayContaining(['fault-frozen-guest', 'fault-stopped-agent']));
    }
    expect(new Set(choices.map((choice) => choice.toSorted().join())).size).toBeGreaterThan(1);
  });

  test('of all faults has each three times, and they are not all at the end', () => {
    const all = ids(planRun({ ...WISHES, levels: [3], faults: 'all' }).tests);
    for (const { name } of FAULT_TESTS)
      expect(all.filter((id) => id === name || id.startsWith(`${name}.`))).toHaveLength(3);
    const lastFew = all.slice(-10).filter((id) => id.startsWith('fault-'));
    expect(lastFew.length).toBeLessThan(10);
  });

  test('is the same for the same wishes, and its names are unique', () => {
    fc.assert(
      fc.property(
        fc.record({
          seed: fc.integer(),
          faults: fc.oneof(fc.nat(40), fc.constant('all' as const)),
          durationMs: fc.integer({ min: 0, max: 7_200_000 }),
          levels: fc.uniqueArray(fc.constantFrom(1 as const, 2 as const, 3 as const)),
        }),
        (some) => {
          const plan = planRun({ ...WISHES, ...some });
          expect(planRun({ ...WISHES, ...some })).toEqual(plan);
          const all = ids(plan.tests);
          expect(new Set(all).size).toBe(all.length);
          for (const { after, id } of plan.tests)
            for (const before of after) expect(all.indexOf(before)).toBeLessThan(all.indexOf(id));
        },
      ),
      { numRuns: 50 },
    );
  });
});
