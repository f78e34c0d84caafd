import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CLASSIFICATIONS } from '../model/classification.ts';
import { LADDERS } from './ladder.ts';
import { rankStages, type StageFigures, sumUp } from './statistics.ts';

const figure = (action: StageFigures['action'], tries: number, verified: number): StageFigures => ({
  ...{ classification: 'module-crash', action, tries, verified },
  ...{ done: tries, escalated: tries - verified, meanMs: 1 },
});
const { stages } = LADDERS['module-crash'];
const skipped = (...figures: StageFigures[]) =>
  rankStages('module-crash', stages, figures).skipped.map(({ purpose }) => purpose);

describe('rankStages', () => {
  test.each<[string, StageFigures, string[]]>([
    ['never helped in very many tries', figure('remount', 40, 0), ['a fresh module']],
    ['too few tries to say so', figure('remount', 30, 0), []],
    ['helped now and then', figure('remount', 40, 4), []],
    ['what counts is the last action of a stage', figure('unmount', 40, 0), []],
    ['the last resort is never left out', figure('cold-boot', 1000, 0), []],
    ['nor is the snapshot', figure('restore-snapshot', 1000, 0), []],
    ['figures of another classification say nothing', { ...figure('remount', 40, 0), classification: 'race' }, []],
  ])('%s', (_name, one, expected) => {
    expect(skipped(one)).toEqual(expected);
  });

  test('whatever the figures, what renews the guest remains, in its order', () => {
    const figures = fc.array(
      fc.tuple(fc.constantFrom(...stages.flatMap(({ actions }) => actions)), fc.nat(500), fc.nat(500)),
    );
    fc.assert(
      fc.property(fc.constantFrom(...CLASSIFICATIONS), figures, (classification, rows) => {
        const ranked = rankStages(
          classification,
          LADDERS[classification].stages,
          rows.map(([action, tries, ok]) => ({ ...figure(action, tries, Math.min(ok, tries)), classification })),
        );
        expect(ranked.stages.at(-1)?.actions).toEqual(['cold-boot']);
        expect(LADDERS[classification].stages.filter((stage) => ranked.stages.includes(stage))).toEqual(ranked.stages);
      }),
    );
  });
});

test('attempts are summed up by classification and action, and what was skipped was not tried', () => {
  const attempt = { classification: 'race', action: 'keep-running', verified: false, durationMs: 10 } as const;
  expect(
    sumUp([
      { ...attempt, result: 'ok', verified: true },
      { ...attempt, result: 'ok', durationMs: 30 },
      { ...attempt, result: 'skipped' },
      { ...attempt, classification: 'deadlock', result: 'failed' },
    ]),
  ).toEqual([
    { classification: 'race', action: 'keep-running', tries: 2, done: 2, verified: 1, escalated: 1, meanMs: 20 },
    { classification: 'deadlock', action: 'keep-running', tries: 1, done: 0, verified: 0, escalated: 1, meanMs: 10 },
  ]);
});
