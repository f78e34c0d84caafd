import { describe, expect, test } from 'vitest';
import { checkProbe, fitProbe } from '../probes/index.ts';
import { bootGuest } from './guest-command.ts';
import { capabilitiesOf } from './probes-capability.ts';
import { guestEngine } from './probes-guest.ts';
import { builtInProbes } from './probes-library.ts';
import { isKernelThere, TEST_KERNELS } from './testing-kernels.ts';
import { during } from './testing-probes.ts';

const there = isKernelThere('kasan');

describe.skipIf(!there)(`a kernel with lockdep${there ? '' : ' (not on this machine)'}`, () => {
  test('has other names for what takes mutexes, and events of every lock', async () => {
    const options = { kernel: TEST_KERNELS.kasan, cpus: 2, progress: () => {}, signal: new AbortController().signal };
    const { guest, kernel, hasTools } = await bootGuest(options, () => {}, { keepControl: true });
    try {
      const has = await capabilitiesOf(guest.control, kernel, hasTools);
      expect(has.functions?.has('mutex_lock')).toBe(false);
      const checks = builtInProbes()
        .filter(({ name }) => name === 'mutex-hold' || name === 'lock-classes')
        .map((probe) => checkProbe(probe, has));
      expect(checks.map(({ probe, missing }) => [probe.name, missing])).toEqual([
        ['lock-classes', []],
        ['mutex-hold', []],
      ]);
      const running = await guestEngine(guest.control).start(
        checks.map(({ probe }) => fitProbe(probe, has)),
        {},
      );
      const shell = { argv: ['sh', '-c', 'ls -R /sys/kernel/debug >/dev/null; echo text >/mnt/vexfs/file'] };
      const messages = await during(
        running,
        async () => void (await guest.control.request('exec', shell, { timeoutMs: 60_000 })),
        'map',
      );
      expect(await running.ended).toBeNull();
      const seen = messages.flatMap((message) => ('name' in message ? [message.name] : []));
      expect(seen).toEqual(
        expect.arrayContaining(['@mutex_hold_us', '@mutex_taken', '@lock_acquires', '@lock_releases']),
      );
    } finally {
      await guest.close();
    }
  }, 600_000);
});
