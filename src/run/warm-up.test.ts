import { expect, test } from 'vitest';
import { SAMPLE_REPORTS } from '../grammar/samples/samples.ts';
import { openLibrary } from './library.ts';
import { warmUp } from './warm-up.ts';

test('warming up reads a report of every kind, whenever it is done', async () => {
  const matcher = await openLibrary([], () => {});
  const first = await warmUp(matcher);
  expect(first).toBeGreaterThanOrEqual(2 * SAMPLE_REPORTS.length);
  expect(await warmUp(matcher)).toBe(first);
});
