import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { GUEST_PATHS } from './prepare.ts';
import { openTestGuest, type TestGuest } from './testing.ts';
import { cutPower, sh, verifySynced } from './testing-disk.ts';

/** Enough for the log to come to its end and be written anew. */
const LINES = 250;
const SEED = 7;

describe('vexfs on a disk of a stock guest', () => {
  let guest: TestGuest;
  beforeAll(async () => {
    guest = await openTestGuest({ withoutTools: true, trace: false, scratch: { diskSize: '8M' } });
  });
  afterAll(() => guest?.close());

  test('is mounted from there, and has the size that the disk gives it', async () => {
    const { control } = guest.attached.under.guest;
    expect(await sh(control, `grep ' ${GUEST_PATHS.mount} ' /proc/mounts`)).toMatch(
      /^\/dev\/vda \/mnt\/vexfs vexfs rw,\S*size=3528k,errors=remount-ro 0 0$/m,
    );
  });

  test('what was synced is there after a power cut, and fsck.vexfs finds nothing wrong', async () => {
    const journal = await cutPower(guest, SEED, LINES);
    const { under } = guest.attached;
    await under.unmount();
    expect(await sh(under.guest.control, 'fsck.vexfs -n /dev/vda')).toMatch(/^\/dev\/vda: clean, \d+ inodes$/m);
    await under.mount();
    // It clears up behind itself, so once.
    await verifySynced(guest, SEED, journal);
    expect(guest.warnings).toEqual([]);
  });
});
