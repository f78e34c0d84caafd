import { MS_RDONLY, MS_REMOUNT, Steps } from '../steps.ts';
import type { Scenario } from '../test.ts';

/** Mounts and unmounts for as long as it is told, and counts. */
export const mountCycles: Scenario = async (scene) => {
  const steps = new Steps(scene);
  const start = performance.now();
  const spent = { mount: 0, unmount: 0 };
  let done = 0;
  while (performance.now() - start < scene.settings.seconds * 1000 && steps.wrong.length === 0) {
    const before = performance.now();
    if (!(await steps.mount(scene.mountPoint, {}, 'mount'))) break;
    const mounted = performance.now();
    if (!(await steps.unmount(scene.mountPoint, 'unmount'))) break;
    spent.mount += mounted - before;
    spent.unmount += performance.now() - mounted;
    done += 1;
  }
  if (steps.wrong.length > 0) return steps.wrong;
  const cycle = (performance.now() - start) / done;
  const perMinute = 60_000 / cycle;
  scene.measure('cycles-per-minute', perMinute);
  for (const what of ['mount', 'unmount'] as const) {
    const average = spent[what] / done;
    const limit = scene.limits[`${what}-average`];
    scene.measure(`${what}-ms`, average);
    steps.expect(average <= limit, `one ${what} takes ${average.toFixed(1)} ms on average, more than ${limit}`);
  }
  const longest = scene.limits['cycle-average'];
  const fewest = 60_000 / longest;
  steps.expect(cycle <= longest, `${perMinute.toFixed(0)} cycles a minute, fewer than ${fewest.toFixed(0)}`);
  return steps.wrong;
};

/** What cannot be mounted is refused in words that fit, and leaves nothing behind. */
export const mountInvalid: Scenario = async (scene) => {
  const steps = new Steps(scene);
  const target = `${scene.scratch}/invalid`;
  await steps.output('making a folder', ['/bin/mkdir', '-p', target]);
  const mount = (fields: Readonly<Record<string, unknown>>) => ({ ...steps.mountFields(target), ...fields });
  await steps.refused('an unknown filesystem', 'mount', mount({ fstype: 'nosuchfs' }), ['ENODEV']);
  await steps.refused('an unknown option', 'mount', mount({ options: 'nosuchoption=1' }), ['EINVAL']);
  await steps.output('making a file', ['/bin/touch', `${scene.scratch}/file`]);
  await steps.refused('a file to mount on', 'mount', mount({ target: `${scene.scratch}/file` }), ['ENOTDIR', 'EEXIST']);
  await nothingMounted(steps, target);
  return steps.wrong;
};

/** The same of devices: one that is not there, one that is none, one that nobody has formatted. */
export const mountInvalidDevice: Scenario = async (scene) => {
  const steps = new Steps(scene);
  const target = `${scene.scratch}/invalid`;
  const device = scene.module.device ?? '';
  const mount = (source: string) => ({ ...steps.mountFields(target), source });
  await steps.refused('a device that is not there', 'mount', mount('/dev/nosuchdevice'), ['ENOENT']);
  await steps.refused('a character device', 'mount', mount('/dev/null'), ['ENOTBLK', 'EINVAL']);
  await steps.output('wiping the device', wipe(device, 0, HEAD_BLOCKS));
  await steps.refused('a device without a filesystem', 'mount', mount(device), ['EINVAL', 'EUCLEAN', 'EBADMSG']);
  await nothingMounted(steps, target);
  await steps.output('formatting', ['/sbin/mkfs.vexfs', '-f', device]);
  if (await steps.mount()) await steps.unmount();
  return steps.wrong;
};

/** A damaged superblock is refused, and what checks the filesystem mends it from the copy; nothing is lost. */
export const mountCorrupt: Scenario = async (scene) => {
  const steps = new Steps(scene);
  const { device = '' } = scene.module;
  const file = `${scene.mountPoint}/kept`;
  await steps.output('formatting', ['/sbin/mkfs.vexfs', '-f', device]);
  if (!(await steps.mount())) return steps.wrong;
  await steps.output('writing', ['/bin/sh', '-c', 'echo kept >"$1" && sync', 'sh', file]);
  await steps.unmount();
  await steps.output('damaging the superblock', wipe(device, SUPER_BLOCK, 1));
  const told = await steps.scene.control.request('exec', { argv: ['/sbin/fsck.vexfs', '-n', device] });
  steps.expect(told.status === 4, `the check says ${told.status} of a damaged superblock, not 4`);
  const mended = await steps.scene.control.request('exec', { argv: ['/sbin/fsck.vexfs', '-y', device] });
  steps.expect(
    mended.status === 1,
    `the repair ends with ${mended.status}, not 1: ${mended.output.trim().slice(-200)}`,
  );
  if (!(await steps.mount())) return steps.wrong;
  steps.expect((await steps.read(file)) === 'kept\n', 'what had been synced is not there after the repair');
  await steps.unmount();
  const clean = await steps.scene.control.request('exec', { argv: ['/sbin/fsck.vexfs', '-n', device] });
  steps.expect(clean.status === 0, `the check is not content after the repair: ${clean.output.trim().slice(-200)}`);
  return steps.wrong;
};

/** Many instances at once, each with contents of its own. */
export const mountConcurrent: Scenario = async (scene) => {
  const steps = new Steps(scene);
  const targets = Array.from({ length: Math.max(2, scene.settings.workers) }, (_, i) => `${scene.scratch}/many/${i}`);
  const source = scene.module.device === undefined ? {} : { source: 'none' };
  await Promise.all(targets.map((target) => steps.mount(target, source)));
  await Promise.all(
    targets.map((target) =>
      steps.output(`writing to ${target}`, ['/bin/sh', '-c', 'echo "$1" >"$1/name"', 'sh', target]),
    ),
  );
  for (const target of targets)
    steps.expect((await steps.read(`${target}/name`)) === `${target}\n`, `${target} has not what was written there`);
  await Promise.all(targets.map((target) => steps.unmount(target)));
  for (const target of targets) await nothingMounted(steps, target);
  return steps.wrong;
};

/** A mount in use stays; once nobody uses it, it goes. */
export const unmountBusy: Scenario = async (scene) => {
  const steps = new Steps(scene);
  const { mountPoint: target, control } = scene;
  if (!(await steps.mount())) return steps.wrong;
  const user = await occupy(steps, target, 'cd "$1"');
  await steps.refused('unmounting under a working folder', 'umount', { target }, ['EBUSY']);
  await control.request('stop', { pid: user, signal: 'KILL' });
  await steps.unmount();
  await nothingMounted(steps, target);
  return steps.wrong;
};

/** Read-only means that nothing changes, until it is remounted. */
export const mountReadOnly: Scenario = async (scene) => {
  const steps = new Steps(scene);
  const { mountPoint: target } = scene;
  const file = `${target}/file`;
  if (!(await steps.mount(target, { flags: MS_RDONLY }))) return steps.wrong;
  await steps.refused('writing to it', 'write', { path: file, data: 'x' }, ['EROFS']);
  await steps.mount(target, { flags: MS_REMOUNT });
  await steps.works('writing to it after a remount', 'write', { path: file, data: 'kept' });
  await steps.mount(target, { flags: MS_REMOUNT | MS_RDONLY });
  await steps.refused('changing it', 'write', { path: file, data: 'changed' }, ['EROFS']);
  steps.expect((await steps.read(file)) === 'kept', 'a file has changed on a read-only mount');
  await steps.unmount();
  return steps.wrong;
};

/** A writer with a file open keeps the mount writable. */
export const remountBusy: Scenario = async (scene) => {
  const steps = new Steps(scene);
  const { mountPoint: target, control } = scene;
  if (!(await steps.mount())) return steps.wrong;
  const writer = await occupy(steps, target, 'exec 3>"$1/open"');
  await steps.refused(
    'a remount read-only under a writer',
    'mount',
    steps.mountFields(target, { flags: MS_REMOUNT | MS_RDONLY }),
    ['EBUSY'],
  );
  await control.request('stop', { pid: writer, signal: 'KILL' });
  await steps.mount(target, { flags: MS_REMOUNT | MS_RDONLY });
  await steps.unmount();
  return steps.wrong;
};

/** A process that does something to a mount, and then sleeps; it has done it when this resolves. */
async function occupy(steps: Steps, target: string, how: string): Promise<unknown> {
  const argv = ['/bin/sh', '-c', `${how} && : >"$1/occupied" && exec sleep 600`, 'sh', target];
  const { pid } = await steps.scene.control.request('exec', { argv, background: true });
  const end = performance.now() + steps.scene.limits.hang;
  while ((await steps.read(`${target}/occupied`)) === undefined && performance.now() < end);
  return pid;
}

async function nothingMounted(steps: Steps, target: string): Promise<void> {
  const mounts = (await steps.read('/proc/mounts')) ?? '';
  steps.expect(!mounts.split('\n').some((row) => row.split(' ')[1] === target), `${target} is still mounted`);
}

/** Blocks of 4 KiB where vexfs has its superblock, and before its log, the copy of the superblock among them (kmod/include/vexfs_disk.h). */
const SUPER_BLOCK = 1;
const HEAD_BLOCKS = 32;

function wipe(device: string, from: number, blocks: number): string[] {
  const where = ['bs=4096', `seek=${from}`, `count=${blocks}`, 'conv=fsync,notrunc'];
  return ['/bin/dd', 'if=/dev/zero', `of=${device}`, ...where];
}
