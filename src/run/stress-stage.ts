import type { Stage } from '../stress/test.ts';
import type { GuestUnderTest } from './guest-under-test.ts';
import { ask, GUEST_PATHS } from './prepare.ts';

/** Brings the guest to where a test wants it, from wherever the one before has left it. */
export async function bringTo(stage: Stage, under: GuestUnderTest): Promise<void> {
  if (stage !== 'load') await under.stopLoad();
  await clearScratch(under);
  if (stage === 'load' || stage === 'mounted') {
    await load(under);
    if (!(await isMounted(under))) await under.mount();
    if (stage === 'load') await under.startLoad();
    return;
  }
  if (await isMounted(under)) await under.unmount();
  if (stage === 'unmounted') await load(under);
  else await unload(under);
}

/** Scenarios mount below it. */
export const SCRATCH = '/tmp/stress';

/** What a scenario that broke off has left mounted would keep the module in use. */
const CLEAR = `while read -r source target rest; do
  case $target in "$1"/*) umount "$target" || umount -l "$target" ;; esac
done </proc/mounts
rm -rf "$1" && mkdir -p "$1"`;

async function clearScratch({ guest: { control } }: GuestUnderTest): Promise<void> {
  await ask(control, 'clearing up', 'exec', { argv: ['/bin/sh', '-c', CLEAR, 'sh', SCRATCH] });
}

async function isMounted({ guest: { control } }: GuestUnderTest): Promise<boolean> {
  const { output } = await ask(control, 'reading the mounts', 'read', { path: '/proc/mounts', max: 1 << 19 });
  return output.split('\n').some((line) => line.split(' ')[1] === GUEST_PATHS.mount);
}

/** A scenario loads and unloads past the instruments, which still wait for the module. */
async function load(under: GuestUnderTest): Promise<void> {
  if (under.moduleLoaded) {
    if (!(await isLoaded(under))) await ask(under.guest.control, 'loading the module', 'load', loadFields(under));
    return;
  }
  if (await isLoaded(under))
    await ask(under.guest.control, 'unloading the module', 'unload', { name: under.module.name });
  await under.loadModule();
}

async function unload(under: GuestUnderTest): Promise<void> {
  if (under.moduleLoaded) await under.unloadModule();
  else if (await isLoaded(under))
    await ask(under.guest.control, 'unloading the module', 'unload', { name: under.module.name });
}

async function isLoaded({ guest: { control }, module }: GuestUnderTest): Promise<boolean> {
  const { output } = await ask(control, 'reading the modules', 'read', { path: '/proc/modules', max: 1 << 19 });
  return output.split('\n').some((line) => line.split(' ')[0] === module.name);
}

function loadFields({ module }: GuestUnderTest): { path: string; params: string } {
  return { path: `${GUEST_PATHS.module}/${module.name}.ko`, params: module.params };
}
