import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { FILES } from '../guest/qemu/args.ts';
import type { QemuGuest } from '../guest/qemu/guest.ts';
import { openTestGuest, type TestGuest } from './testing.ts';
import { isFinal, Watched } from './testing-join.ts';

let guest: TestGuest;
beforeAll(async () => {
  guest = await openTestGuest({ recover: false, trace: false, withoutTools: true });
});
afterAll(() => guest?.close());

test('the console of a QEMU guest is joined while it runs, and its end is noticed', async () => {
  const { under } = guest.attached;
  const path = join((under.guest as QemuGuest).dir, FILES.console);
  const watched = await Watched.join({ target: { kind: 'console', path } });
  await under.fault('null-deref', undefined, 10_000);
  expect(await watched.until(isFinal)).toMatchObject({
    kind: 'null-deref',
    title: 'BUG: unable to handle kernel NULL pointer dereference in vexfs_fault_null_deref',
    corrupted: false,
    severity: 'critical',
  });
  const over = watched.run.run();
  await under.guest.close();
  expect(await over).toMatchObject({ expected: false });
  await watched.run.close();
  expect(watched.events.at(-1)).toMatchObject({ event: 'incident', kind: 'closed', outcome: 'not-attempted' });
});
