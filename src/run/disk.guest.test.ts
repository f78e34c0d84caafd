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

  test('what is synced stays in memory when caches are dropped, also after it was read from the disk', async () => {
    const { under } = guest.attached;
    const drop = `sync && echo 3 >/proc/sys/vm/drop_caches && md5sum <${GUEST_PATHS.mount}/kept`;
    const made = `cd ${GUEST_PATHS.mount} && dd if=/dev/urandom of=kept bs=4k count=40 2>/dev/null && md5sum <kept`;
    const sum = await sh(under.guest.control, made);
    expect(await sh(under.guest.control, drop)).toBe(sum);
    await under.unmount();
    await under.mount();
    expect(await sh(under.guest.control, drop)).toBe(sum);
  });

  test('the data of a file without a name do not stay dirty', async () => {
    const script = `cd ${GUEST_PATHS.mount} && exec 3<>gone && rm gone && dd if=/dev/urandom bs=4k count=300 2>/dev/null >&3
      md5sum </proc/self/fd/3; sync; awk '/^nr_dirty /{print $2}' /proc/vmstat; echo 3 >/proc/sys/vm/drop_caches; md5sum </proc/self/fd/3`;
    const [before, dirty, after] = (await sh(guest.attached.under.guest.control, script)).split('\n');
    expect(Number(dirty)).toBeLessThan(100);
    expect(after).toBe(before);
  });

  test('a mount that may only read changes no byte of a disk that was not unmounted', async () => {
    const { under } = guest.attached;
    const { control } = under.guest;
    await sh(control, `echo x >${GUEST_PATHS.mount}/x && sync -f ${GUEST_PATHS.mount} && cp /dev/vda /tmp/dirty`);
    await under.unmount();
    const script = `cp /tmp/dirty /dev/vda && mount -t vexfs -o ro /dev/vda ${GUEST_PATHS.mount} &&
      cat ${GUEST_PATHS.mount}/x && umount ${GUEST_PATHS.mount} && cmp /tmp/dirty /dev/vda && rm /tmp/dirty && echo same`;
    expect(await sh(control, script)).toBe('x\nsame\n');
    await under.mount();
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
