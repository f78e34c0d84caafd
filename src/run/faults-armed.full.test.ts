import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { capabilitiesOf } from './inject.ts';
import { openTestGuest, type TestGuest } from './testing.ts';

/** Faults that need no debug kernel, on one stock guest with a disk that can break. */
describe('faults of a stock guest', () => {
  let guest: TestGuest;
  beforeAll(async () => {
    guest = await openTestGuest({
      load: { stress: true },
      trace: false,
      scratch: { diskSize: '256M' },
      breakable: true,
    });
  });
  afterAll(() => guest?.close());

  test('a guest says what it is capable of, and why not', async () => {
    const capabilities = await capabilitiesOf(guest.attached.under, 'CONFIG_KASAN is not set');
    expect(capabilities).toMatchObject({
      root: { has: true },
      module: { has: true },
      'module-faults': { has: true },
      'block-device': { has: true },
      'dm-flakey': { has: true },
      'cgroup-memory': { has: true },
      'cpu-hotplug': { has: true },
      snapshot: { has: true },
      kill: { has: true },
      kasan: { has: false },
      failslab: { has: false, why: 'no /sys/kernel/debug/failslab' },
      network: { has: false, why: 'the guest has no network' },
    });
  });

  test('the load endures what surrounds it, and the guest is as it was', { timeout: 120_000 }, async () => {
    const results = await guest.attached.inject(['disk-full', 'cpu-hotplug', 'slow-device=20', 'failslab'], 1);
    expect(results.map(({ name, outcome }) => [name, outcome])).toEqual([
      ['disk-full', 'error'],
      ['cpu-hotplug', 'handled'],
      ['slow-device', expect.stringMatching(/^(handled|not-reached)$/)],
      ['failslab', 'skip'],
    ]);
    expect(results.at(-1)?.detail).toBe('CONFIG_FAILSLAB is not set');
    const { under } = guest.attached;
    const left = 'cat /sys/devices/system/cpu/online; ls -A "$1"; /tools/bin/dmsetup table vexfs-fault | cut -d" " -f3';
    const { output } = await under.guest.control.request('exec', {
      argv: ['/bin/sh', '-c', left, 'sh', '/tmp/vexfs-faults'],
    });
    expect(output).toMatch(/^0-1\n/);
    expect(output).toMatch(/\nlinear\n$/);
    expect(await under.health(new AbortController().signal)).toMatchObject({ ok: true });
  });
});
