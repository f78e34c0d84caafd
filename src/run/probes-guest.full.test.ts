import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Message } from '../bpftrace-wrapper/index.ts';
import { checkProbe, fitProbe, type Probe, type TraceCapabilities } from '../probes/index.ts';
import { type BootedGuest, bootGuest } from './guest-command.ts';
import { capabilitiesOf } from './probes-capability.ts';
import { guestEngine } from './probes-guest.ts';
import { builtInProbes } from './probes-library.ts';
import { during } from './testing-probes.ts';

/** Maps that a few seconds of work need not fill: nothing has to run out of memory, wait for a lock, or find a disk. */
const QUIET =
  /reclaim|vmap|lock_wait|lock_since|^@io_|blocked|_since$|_at$|_in$|_asked$|_wanted$|_held$|vexfs_op_errors|vmalloc/;

/** Operations, searches, errors and a module that comes and goes. */
const WORK = `cd /mnt/vexfs; i=0
while [ $i -lt 20 ]; do
  mkdir d$i; echo text >d$i/f; cat d$i/f >/dev/null; mv d$i/f d$i/g; ls -R . >/dev/null; rm -r d$i
  i=$((i+1))
done
/bin/vexload check /mnt/vexfs; rm /mnt/vexfs/nothing; cat /proc/self/mem; cd /; umount /mnt/vexfs; mount -t vexfs none /mnt/vexfs`;

let booted: BootedGuest;
let has: TraceCapabilities;
let here: readonly Probe[];

describe('probes in a guest', () => {
  beforeAll(async () => {
    const signal = new AbortController().signal;
    booted = await bootGuest({ kernel: 'stock', cpus: 2, progress: () => {}, signal }, () => {}, { keepControl: true });
    has = await capabilitiesOf(booted.guest.control, booted.kernel, booted.hasTools);
    here = builtInProbes().filter((probe) => checkProbe(probe, has).runs);
  }, 180_000);
  afterAll(() => booted?.guest.close());

  const run = async (probes: readonly Probe[], work: () => Promise<unknown>): Promise<Message[]> => {
    const fitted = probes.map((probe) => fitProbe(probe, has));
    const running = await guestEngine(booted.guest.control).start(fitted, {});
    // 0.17 says that it is attached before it is; asked for its maps it answers behind that.
    const messages = await during(running, async () => void (await work()), 'map');
    expect(await running.ended).toBeNull();
    return messages;
  };
  const shell = (command: string) =>
    booted.guest.control.request('exec', { argv: ['sh', '-c', command] }, { timeoutMs: 60_000 });

  test('what the stock kernel lacks is said', () => {
    const left = builtInProbes()
      .map((probe) => checkProbe(probe, has))
      .filter(({ runs }) => !runs);
    expect(Object.fromEntries(left.map(({ probe, missing }) => [probe.name, missing[0]]))).toEqual({
      'interface-packets': 'compiled objects run on this machine only',
      'lock-classes': 'the kernel has no events lock:lock_acquire, lock:lock_release',
      'run-delay': 'compiled objects run on this machine only',
      'syscall-counts': 'compiled objects run on this machine only',
      'vmalloc-areas': 'the kernel has no event vmalloc:alloc_vmap_area',
    });
  });

  test('all others run as one program and see the work', async () => {
    const messages = await run(here, () => shell(WORK));
    const seen = new Set(messages.flatMap((message) => ('name' in message ? [message.name] : [])));
    const maps = here.flatMap((probe) => probe.maps.map(({ name }) => name));
    expect(maps.filter((name) => !seen.has(name) && !QUIET.test(name))).toEqual([]);
  });

  test('a module that goes and comes', async () => {
    const { control } = booted.guest;
    // The second one has maps that are never empty.
    const probes = here.filter(({ name }) => name === 'module-events' || name === 'slab-bytes');
    const messages = await run(probes, async () => {
      expect(await shell('umount /mnt/vexfs')).toMatchObject({ status: 0 });
      expect(await control.request('unload', { name: 'vexfs' })).toMatchObject({ status: 0 });
      expect(await control.request('load', { path: '/module/vexfs.ko' })).toMatchObject({ status: 0 });
    });
    const texts = messages.flatMap((message) => (message.kind === 'printf' ? [message.text.trimEnd()] : []));
    expect(texts).toEqual([
      expect.stringMatching(/^modfree \d+ \d \d+ vexfs$/),
      expect.stringMatching(/^modload \d+ \d \d+ vexfs$/),
    ]);
  });
});
