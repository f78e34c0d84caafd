import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { seeded } from '../base/random.ts';
import { isFinding } from '../model/event.ts';
import { GUEST_PATHS } from './prepare.ts';
import { openTestGuest, type TestGuest } from './testing.ts';
import { cutPower, sh, verifySynced } from './testing-disk.ts';
import { isKernelThere, TEST_KERNELS } from './testing-kernels.ts';

const SEED = Number(process.env.DISK_SEED ?? 20_261_121);
const CUTS = 20;
const FLIPS = 200;
const MNT = GUEST_PATHS.mount;
const DISK = '/dev/vdb';
/** Of the disk, so much is used by what the flips are made in. */
const IMAGE_BYTES = 2 << 20;

describe.each(['stock', 'kasan'] as const)('vexfs on a disk of a %s guest', (kernel) => {
  describe.skipIf(!isKernelThere(kernel))('', () => {
    let guest: TestGuest;
    const control = () => guest.attached.under.guest.control;
    /** All that was found, but for what the tests mean to see. */
    const found = () =>
      guest.events.filter(isFinding).filter(({ kind }) => !/^(mount-failure|fs-error|io-error)$/.test(kind));

    beforeAll(async () => {
      guest = await openTestGuest({
        ...{ kernel: TEST_KERNELS[kernel], recover: false, trace: false },
        scratch: { diskSize: '8M' },
      });
    });
    afterAll(() => guest?.close());
    // Whatever the one before has left.
    beforeEach(async () => {
      await guest.attached.under.unmount();
      await sh(control(), `mkfs.vexfs -f ${DISK} && mount -t vexfs ${DISK} ${MNT}`);
    });

    test(`what was synced survives ${CUTS} power cuts`, async () => {
      const random = seeded(SEED);
      for (let cut = 0; cut < CUTS; cut++) {
        const seed = Math.floor(random() * 2 ** 31);
        const lines = 2 + Math.floor(random() * 300);
        const journal = await cutPower(guest, seed, lines);
        await verifySynced(guest, seed, journal);
        await guest.attached.under.unmount();
        expect(await sh(control(), `fsck.vexfs -n ${DISK}`), `seed ${seed}, ${lines} lines`).toContain(': clean, ');
        await sh(control(), `mkfs.vexfs -f ${DISK} && mount -t vexfs ${DISK} ${MNT}`);
      }
      expect(found()).toEqual([]);
    });

    test('a full filesystem says so at write, and what was written before can be synced', async () => {
      const script = `cd ${MNT} && i=0
        while dd if=/dev/zero of=full$i bs=64k count=4 2>/dev/null; do i=$((i+1)); done
        dd if=/dev/zero of=rest bs=16 2>/dev/null
        [ $i -gt 5 ] && ! (echo x >one) 2>/dev/null && sync -f . && rm full0 && echo x >one && sync -f one && cat one`;
      expect(await sh(control(), script)).toBe('x\n');
      await guest.attached.under.unmount();
      expect(await sh(control(), `fsck.vexfs -n ${DISK}`)).toContain(': clean, ');
    });

    test('a mount reads what is there, not all that was ever written', async () => {
      const script = `cd ${MNT} && dd if=/dev/zero of=file bs=64k count=2 2>/dev/null && cp file file2
        for i in 1 2 3 4 5 6 7 8 9 10 11 12; do dd if=/dev/zero of=file bs=64k count=3 conv=notrunc,fsync 2>/dev/null; done
        cd / && umount ${MNT}
        sectors() { read -r x x sectors x </sys/block/vdb/stat; echo "$sectors"; }
        before=$(sectors); mount -t vexfs ${DISK} ${MNT}; after=$(sectors)
        cmp -n 131072 ${MNT}/file ${MNT}/file2 && echo $(((after - before) / 2))`;
      // Kibibytes. What is there are 320, and were written 2.5 times a mebibyte.
      expect(Number(await sh(control(), script))).toBeLessThan(1100);
    });

    test('a sync of 2000 new files is a handful of writes, also while others change something', async () => {
      const script = `cd ${MNT} && mkdir many && i=0
        while [ $i -lt 2000 ]; do : >many/$i; i=$((i+1)); done
        writes() { read -r x x x x writes x </sys/block/vdb/stat; echo "$writes"; }
        vexload load --dir . --seconds 60 --workers 4 --mix dir >/dev/null & busy=$!
        before=$(writes); sync; after=$(writes)
        kill $busy; wait $busy; rm -r many
        echo $((after - before))`;
      const writes = Number(await sh(control(), script));
      expect(writes).toBeLessThan(20);
    });

    test(`${FLIPS} images with changed bits are mounted or refused, and harm nothing`, async () => {
      const random = seeded(SEED + 1);
      await sh(
        control(),
        `mkdir -p ${MNT}/a/b/c && cp /bin/vexfs-agent ${MNT}/a && ln -s x ${MNT}/a/l && vexload check ${MNT}`,
      );
      await guest.attached.under.unmount();
      const blocks = IMAGE_BYTES / 4096;
      await sh(control(), `dd if=${DISK} of=/tmp/image bs=4096 count=${blocks} 2>/dev/null`);
      const results = { mounted: 0, refused: 0 };
      for (let round = 0; round < FLIPS / 20; round++) {
        const flips = Array.from({ length: 20 }, () => {
          // Superblocks, the beginning of the log, and all else.
          const [from, bytes] = [
            [4096, 128],
            [65_536, 128],
            [131_072, 4096],
            [131_072, 1 << 20],
          ][Math.floor(random() * 4)] as [number, number];
          return `${from + Math.floor(random() * bytes)} \\\\0${(1 + Math.floor(random() * 255)).toString(8)}`;
        });
        const script = `while read -r at byte; do
            dd if=/tmp/image of=${DISK} bs=4096 2>/dev/null
            printf "$byte" | dd of=${DISK} bs=1 seek=$at conv=notrunc 2>/dev/null
            if mount -t vexfs ${DISK} ${MNT} 2>/dev/null; then
              ls -lR ${MNT} >/dev/null; cat ${MNT}/a/* >/dev/null; echo z >${MNT}/z && sync -f ${MNT}/z; umount ${MNT} || exit 1; echo mounted
            else echo refused; fi
          done <<END
${flips.join('\n')}
END`;
        for (const line of (await sh(control(), script, 300_000)).trim().split('\n'))
          results[line as keyof typeof results]++;
      }
      expect(results.mounted + results.refused).toBe(FLIPS);
      expect(results.refused).toBeGreaterThan(FLIPS / 10);
      expect(found()).toEqual([]);
    });

    test('a device that fails is told, and then nothing is written any more; reading goes on', async () => {
      const dm = 'export DM_DISABLE_UDEV=1; dm=/tools/bin/dmsetup';
      await guest.attached.under.unmount();
      await sh(control(), `${dm}; echo "0 $(blockdev --getsz ${DISK}) linear ${DISK} 0" | $dm create weak`);
      await sh(control(), `mount -t vexfs /dev/mapper/weak ${MNT} && echo kept >${MNT}/kept && sync -f ${MNT}/kept`);
      await sh(
        control(),
        `${dm}; echo "0 $(blockdev --getsz ${DISK}) error" | $dm load weak && $dm suspend --noflush --nolockfs weak && $dm resume weak`,
      );
      const write = `dd if=/dev/zero of=${MNT}/lost bs=4k count=1 conv=fsync 2>&1`;
      await expect(sh(control(), write)).rejects.toThrow(/Input\/output error|I\/O error/);
      await expect(sh(control(), `echo x >${MNT}/more 2>&1`)).rejects.toThrow(/Read-only file system/);
      expect(await sh(control(), `cat ${MNT}/kept; grep -c 'weak.* ro,' /proc/mounts`)).toBe('kept\n1\n');
      await guest.attached.session.idle();
      expect(guest.events).toContainEqual(
        expect.objectContaining({
          kind: 'fs-error',
          matches: expect.arrayContaining([expect.objectContaining({ pattern: 'vexfs-inode-write-failed' })]),
        }),
      );
      await guest.attached.under.unmount();
      await sh(
        control(),
        `${dm}; echo "0 $(blockdev --getsz ${DISK}) linear ${DISK} 0" | $dm load weak && $dm resume weak && fsck.vexfs -n /dev/mapper/weak && $dm remove weak`,
      );
      await guest.attached.under.mount();
      expect(await sh(control(), `cat ${MNT}/kept; ls ${MNT}`)).toBe('kept\nkept\n');
      expect(found()).toEqual([]);
    });
  });
});
