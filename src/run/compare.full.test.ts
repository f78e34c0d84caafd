import { afterAll, beforeAll, expect, test } from 'vitest';
import { benchCompare, figuresOf, speedArgs } from './compare.bench.ts';
import { GUEST_PATHS } from './prepare.ts';
import { openTestGuest, type TestGuest } from './testing.ts';

const COMPARISONS = Number(process.env.COMPARISONS ?? 20);
/** Values a side. */
const REPEAT = Number(process.env.REPEAT ?? 20);
/** Of each value: two rounds of the check, 400 files. */
const OPS = Number(process.env.OPS ?? 1200);
/** By so much the module draws out each of its operations. */
const PERCENT = Number(process.env.SLOW ?? 5);
/** Values that are not counted: the first ones meet cold caches. */
const WARM_UP = 5;
const WAIT_MS = 60_000;

let guest: TestGuest;
beforeAll(async () => {
  // Nothing else is to happen in the guest while it is measured.
  guest = await openTestGuest({ trace: false, recover: false });
});
afterAll(() => guest?.close());

/** A run of the check, with the fault `slow-ops` of the module in force or not. */
async function measure(percent: number) {
  const { control } = guest.attached.under.guest;
  const fault = percent === 0 ? { name: 'release' } : { name: 'slow-ops', arg: String(percent) };
  expect(await control.request('fault', fault, { timeoutMs: WAIT_MS })).toMatchObject({ status: 0 });
  const argv = ['/bin/vexcheck', ...speedArgs(GUEST_PATHS.mount, OPS, 0)];
  const { status, output } = await control.request('exec', { argv, timeoutMs: WAIT_MS });
  expect(status).toBe(0);
  return figuresOf(output);
}

test('a module whose operations all take 5 % longer is found nine times in ten, and the same alarms against the same once in twenty', async () => {
  for (let n = 0; n < WARM_UP; n++) await measure(0);
  const began = performance.now();
  const { found, alarms, falsely, worse, slowdown } = await benchCompare({
    ...{ comparisons: COMPARISONS, repeat: REPEAT, slow: PERCENT, gate: 'p<0.01,delta>2%', metric: '*/p50', measure },
  });
  const seconds = Math.round((performance.now() - began) / 1000);
  console.log(
    `${COMPARISONS} comparisons of ${REPEAT} values a side, ${seconds} s: found ${found}, alarms ${alarms} ${falsely.join(' ')}`,
  );
  console.log(`rows found worse: ${worse.map(({ length }) => length).join(' ')}`);
  for (const [metric, delta] of Object.entries(slowdown)) console.log(`${metric} ${(delta * 100).toFixed(1)}%`);
  expect(found).toBeGreaterThanOrEqual(0.9 * COMPARISONS);
  expect(alarms).toBeLessThanOrEqual(0.05 * COMPARISONS);
}, 3_600_000);
