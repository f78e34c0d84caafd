import { expect, test } from 'vitest';
import { ACTIONS, HARMLESS } from '../model/classification.ts';
import { allowActions } from './allow-actions.ts';
import { createMatcher } from './match.ts';
import { findingWith, patternWith } from './testing.ts';

const actions = [{ action: 'pause-load' }, { action: 'reset-guest', attempts: 2 }] as const;
const matcher = createMatcher([patternWith({ kind: 'null-deref' }, { actions })]);

test('patterns ask for what the operator allows, and events stay what they are', () => {
  const careful = allowActions(matcher, new Set(HARMLESS));
  expect(careful.pattern('p')?.actions).toEqual([{ action: 'pause-load' }]);
  expect(careful.match(findingWith())).toEqual(matcher.match(findingWith()));
  expect(allowActions(matcher, new Set(ACTIONS)).pattern('p')?.actions).toEqual(actions);
  expect(allowActions(matcher, new Set()).pattern('p')?.actions).toEqual([]);
  expect(careful.pattern('q')).toBeUndefined();
});

test('what ends the run of a machine is not harmless', () => {
  expect(ACTIONS.filter((action) => !HARMLESS.includes(action))).toEqual([
    'isolate-test',
    'dump-memory',
    'inject-nmi',
    'reset-guest',
    'raise-memory',
    'cold-boot',
  ]);
});
