import { afterAll, beforeAll, expect, test } from 'vitest';
import { benchCompare, figuresOf, speedArgs } from './compare.bench.ts';
import { GUEST_PATHS } from './prepare.ts';
import { openTestGuest, type TestGuest } from './testing.ts';

const COMPARISONS = Number(process.env.COMPARISONS ?? 20);
/** Values a side. */
const REPEAT = Number(process.env.REPEAT ?? 40);
/** About two rounds of the check: 400 files. */
const OPS = 1200;

let guest: TestGuest;
beforeAll(async () => {
  guest = await openTestGuest({ trace: false });
});
afterAll(() => guest?.close());

test('in a guest, calls drawn out by 5 % are found nine times in ten, and the same alarms against the same once in twenty', async () => {
  const { found, alarms, falsely } = await benchCompare({
    ...{ comparisons: COMPARISONS, repeat: REPEAT, slow: 5, gate: 'p<0.01,delta>2%', metric: '*/p50' },
    measure: async (percent) => {
      const argv = ['/bin/vexcheck', ...speedArgs(GUEST_PATHS.mount, OPS, percent)];
      const answer = await guest.attached.under.guest.control.request('exec', { argv, timeoutMs: 60_000 });
      expect(answer.status).toBe(0);
      return figuresOf(answer.output);
    },
  });
  console.log(
    `${COMPARISONS} comparisons of ${REPEAT} values a side: found ${found}, alarms ${alarms} ${falsely.join(' ')}`,
  );
  expect(found).toBeGreaterThanOrEqual(0.9 * COMPARISONS);
  expect(alarms).toBeLessThanOrEqual(0.05 * COMPARISONS);
});
