import { expect, test } from 'vitest';
import { openLibrary } from './library.ts';
import { warmUp } from './warm-up.ts';

test('warming up reads two whole reports, whenever it is done', async () => {
  const matcher = await openLibrary([], () => {});
  expect([warmUp(matcher), warmUp(matcher)]).toEqual([2, 2]);
});
