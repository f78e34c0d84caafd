import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { EventOf } from '../model/event.ts';
import { checkReplay } from './replay.ts';
import { openTestGuest, type TestGuest } from './testing.ts';
import { isKernelThere, TEST_KERNELS } from './testing-kernels.ts';

/** Debian's reader of dumps. */
const CRASH = '/usr/bin/crash';

/** What no report tells of, and what is kept of a guest, on a stock kernel and on one with KASAN. */
for (const name of ['stock', 'kasan'] as const) {
  const there = isKernelThere(name);
  describe.skipIf(!there)(`kernel ${name}${there ? '' : ' (not on this machine)'}`, () => {
    let guest: TestGuest;
    let mark = 0;
    const never = new AbortController().signal;
    const since = () => guest.events.slice(mark);
    const recoveries = () => since().filter((event): event is EventOf<'recovery'> => event.event === 'recovery');
    const mended = () => recoveries().find(({ verified }) => verified)?.kind;

    async function incidentOf(act: () => Promise<unknown>) {
      const { session } = guest.attached;
      await session.idle();
      mark = guest.events.length;
      const before = session.lastSeq;
      await act();
      return session.incidentAfter(before, 150_000, never);
    }
    const shell = (script: string) =>
      guest.attached.under.guest.control.request('exec', { argv: ['/bin/sh', '-c', script] });

    beforeAll(async () => {
      guest = await openTestGuest({ kernel: TEST_KERNELS[name], load: { stress: true } });
    });
    afterAll(() => guest?.close());

    test('a hang with interrupts off is told with the function that each CPU spins in', async () => {
      const incident = await incidentOf(async () => void guest.attached.under.fault('irqs-off', '600', 1000));
      expect(incident).toMatchObject({ classification: 'system-hang', outcome: 'recovered' });
      const stacks = since().find((event) => event.event === 'guest' && event.kind === 'stacks');
      expect(stacks?.event === 'guest' && stacks.detail.cpus).toEqual([
        expect.objectContaining({
          cpu: 0,
          masked: true,
          stack: expect.arrayContaining([expect.stringContaining('vexfs_fault_spin_deaf')]),
        }),
        expect.objectContaining({ cpu: 1, masked: true }),
      ]);
    });

    test.each<[string, () => Promise<unknown>, string, string]>([
      [
        'an agent that is killed',
        () => shell('setsid sh -c "sleep 0.5; kill -9 $(pidof vexfs-agent)" >/dev/null 2>&1 &'),
        'agent died: it was started anew',
        'restart-agent',
      ],
      [
        'an agent that is stopped',
        () => shell('setsid sh -c "sleep 0.5; kill -STOP $(pidof vexfs-agent)" >/dev/null 2>&1 &'),
        'agent stuck: the kernel answers, the agent has its port open and does not',
        'restore-snapshot',
      ],
      [
        'a lost port',
        async () => guest.attached.under.guest.losePort?.(),
        'agent lost: the kernel answers, the port that the agent is asked by is gone',
        'restart-agent',
      ],
      [
        'a killed emulator',
        async () => guest.attached.under.guest.kill?.(),
        'guest exit: the machine ended on its own',
        'restore-snapshot',
      ],
    ])('%s is told apart from a hang', async (_what, act, title, mends) => {
      expect(await incidentOf(act)).toMatchObject({ title, outcome: 'recovered' });
      expect(mended()).toBe(mends);
    });

    test('a panic whose console is off is read from memory', async () => {
      const incident = await incidentOf(async () => {
        await shell('echo N >/sys/class/tty/ttyS0/console');
        await guest.attached.under.fault('panic', undefined, 1000);
      });
      expect(incident?.outcome).toBe('recovered');
      expect(since()).toContainEqual(
        expect.objectContaining({ event: 'crash', kind: 'panic', source: expect.objectContaining({ stream: 'file' }) }),
      );
    });

    test.skipIf(!existsSync(CRASH))('crash opens the dump of a panic', async () => {
      expect(await incidentOf(() => guest.attached.under.fault('panic', undefined, 1000))).toMatchObject({
        outcome: 'recovered',
      });
      const dump =
        readdirSync(guest.captureDir)
          .filter((file) => file.endsWith('.kdump'))
          .at(-1) ?? '';
      const read = spawnSync(CRASH, ['--osrelease', join(guest.captureDir, dump)], { encoding: 'utf8' });
      // Only kernels with CONFIG_KEXEC_CORE tell their release in VMCOREINFO.
      expect(read.stdout.trim()).toBe(name === 'stock' ? guest.attached.under.kernel.release : 'unknown');
    });

    test('a replay gives the same events', async () => {
      await guest.attached.close();
      expect(
        await checkReplay(guest.captureDir, { patterns: [], signal: never, warn: (text) => expect(text).toBe('') }),
      ).toEqual([]);
    });
  });
}
