import { Steps } from '../steps.ts';
import type { Scenario } from '../test.ts';

/** Loads and unloads, again and again; each time the module is there whole, and gone whole. */
export const loadAndUnload: Scenario = async (scene) => {
  const steps = new Steps(scene);
  const { cycles } = scene.settings;
  const start = performance.now();
  let done = 0;
  while (done < cycles && steps.wrong.length === 0) {
    if (!(await steps.load('load'))) break;
    await isThere(steps);
    if (!(await steps.unload('unload'))) break;
    await isGone(steps);
    done += 1;
  }
  scene.measure('cycles-per-minute', (done * 60_000) / (performance.now() - start));
  return steps.wrong;
};

/** What is there already is not loaded again, what is gone is not unloaded again. */
export const loadTwice: Scenario = async (scene) => {
  const steps = new Steps(scene);
  const { file, params, name } = scene.module;
  if (!(await steps.load())) return steps.wrong;
  await steps.refused('loading it again', 'load', { path: file, params }, ['EEXIST']);
  await steps.unload();
  await steps.refused('unloading it again', 'unload', { name }, ['ENOENT']);
  return steps.wrong;
};

/** A parameter that makes no sense is refused, and nothing of the module is left behind. */
export const loadWithNonsense: Scenario = async (scene) => {
  const steps = new Steps(scene);
  await steps.refused('a truth value of "perhaps"', 'load', { path: scene.module.file, params: 'faults=perhaps' }, [
    'EINVAL',
  ]);
  await isGone(steps);
  if (await steps.load()) await steps.unload();
  return steps.wrong;
};

/** A module in use stays, whoever wants it gone. */
export const unloadWhileMounted: Scenario = async (scene) => {
  const steps = new Steps(scene);
  const { name } = scene.module;
  if (!(await steps.mount())) return steps.wrong;
  await steps.refused('unloading while mounted', 'unload', { name }, ['EAGAIN', 'EBUSY']);
  await isThere(steps);
  await steps.unmount();
  return steps.wrong;
};

/** The names by which others find it. */
export const interfaces: Scenario = async (scene) => {
  const steps = new Steps(scene);
  const { name, fstype } = scene.module;
  const filesystems = (await steps.read('/proc/filesystems')) ?? '';
  const line = filesystems.split('\n').find((row) => row.split('\t').includes(fstype));
  if (
    steps.expect(line !== undefined, `/proc/filesystems does not name ${fstype}`) &&
    scene.module.device === undefined
  )
    steps.expect(line?.startsWith('nodev') !== false || scene.module.device !== undefined, `${fstype} wants a device`);
  const state = await steps.read(`/sys/module/${name}/initstate`);
  steps.expect(state?.trim() === 'live', `the state of the module is ${state?.trim() ?? 'unknown'}`);
  await steps.mount();
  const mounts = (await steps.read('/proc/mounts')) ?? '';
  steps.expect(
    mounts.split('\n').some((row) => row.includes(` ${scene.mountPoint} ${fstype} `)),
    `/proc/mounts does not have ${scene.mountPoint} as ${fstype}`,
  );
  await steps.output('df', ['/bin/df', scene.mountPoint]);
  await steps.unmount();
  return steps.wrong;
};

/** Kernel memory that modules take (Documentation/filesystems/proc.rst, meminfo), kibibytes. */
const KERNEL_MEMORY = ['SUnreclaim', 'VmallocUsed', 'Percpu', 'KernelStack', 'PageTables'];
/** Cycles before the first look: caches that are made once are no leak. */
const WARM_UP = 3;

/** Loads, works, unloads; what the kernel has taken by then must have come back. */
export const leaksAcrossReload: Scenario = async (scene) => {
  const steps = new Steps(scene);
  let first = 0;
  for (let cycle = 0; cycle < WARM_UP + scene.settings.cycles && steps.wrong.length === 0; cycle++) {
    if (cycle === WARM_UP) first = await kernelMemory(steps);
    if (!(await steps.load())) break;
    if (await steps.mount()) {
      await steps.output('writing and reading back', ['/bin/vexload', 'check', scene.mountPoint]);
      await steps.unmount();
    }
    await steps.unload();
  }
  if (steps.wrong.length > 0) return steps.wrong;
  const grown = (await kernelMemory(steps)) - first;
  scene.measure('kernel-memory-grown', grown);
  steps.expect(
    grown <= scene.limits.leak,
    `kernel memory grew by ${Math.round(grown / 1024)} KiB over ${scene.settings.cycles} reloads, more than ${scene.limits.leak / 1024}`,
  );
  return steps.wrong;
};

async function kernelMemory(steps: Steps): Promise<number> {
  await steps.works('dropping caches', 'sysctl', { values: { 'vm.drop_caches': 3 } });
  const rows = ((await steps.read('/proc/meminfo')) ?? '').split('\n');
  let total = 0;
  for (const row of rows) {
    const [key = '', amount = ''] = row.split(':');
    if (KERNEL_MEMORY.includes(key)) total += Number.parseInt(amount, 10) * 1024;
  }
  return total;
}

async function isThere(steps: Steps): Promise<void> {
  const { name, fstype } = steps.scene.module;
  const filesystems = await steps.read('/proc/filesystems');
  steps.expect(words(filesystems).includes(fstype), `loaded, but /proc/filesystems does not name ${fstype}`);
  steps.expect(
    words(await steps.read('/proc/modules')).includes(name),
    `loaded, but /proc/modules does not name ${name}`,
  );
}

/** Nothing of it is left: neither its name nor its caches nor its folder in debugfs. */
async function isGone(steps: Steps): Promise<void> {
  const { name, fstype } = steps.scene.module;
  const left = [
    words(await steps.read('/proc/filesystems')).includes(fstype) && `the filesystem ${fstype}`,
    words(await steps.read('/proc/modules')).includes(name) && `the module ${name}`,
    (await hasCache(steps)) && `a slab cache of ${name}`,
    (await steps.read(`/sys/kernel/debug/${name}/mounts`)) !== undefined && `/sys/kernel/debug/${name}`,
  ].filter(Boolean);
  steps.expect(left.length === 0, `unloaded, but there is still ${left.join(', ')}`);
}

async function hasCache(steps: Steps): Promise<boolean> {
  const slabs = await steps.read('/proc/slabinfo');
  return words(slabs).some((word) => word.startsWith(`${steps.scene.module.name}_`));
}

function words(text: string | undefined): string[] {
  return (text ?? '').split(/\s+/);
}
