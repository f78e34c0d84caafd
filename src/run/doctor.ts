import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, readFileSync, statfsSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf } from '../base/errors.ts';
import { chooseAccelerator } from '../guest/accelerator.ts';
import { findKernel } from '../guest/kernel.ts';
import { cacheDir, packageRoot, runtimeRoot } from '../guest/paths.ts';

/** One thing that the tool needs of a machine. */
export interface Need {
  readonly name: string;
  readonly met: boolean;
  readonly seen: string;
  readonly why: string;
  readonly mend: string;
  readonly optional: boolean;
}

type Look = () =>
  | { readonly met: boolean; readonly seen: string }
  | Promise<{ readonly met: boolean; readonly seen: string }>;
type Row = readonly [name: string, why: string, mend: string, look: Look, optional?: 'optional'];

const NEEDS: readonly Row[] = [
  ['Node.js 20.19', 'runs vexfs-trace', 'install Node.js 20.19 or newer', nodeVersion],
  ['guest kernel', 'guests boot it', 'make setup', () => seen(() => findKernel('stock').release)],
  [
    'kernel headers',
    'builds the module for the guest',
    'make setup',
    () => seen(() => findKernel('stock').buildDir ?? fail('not installed')),
  ],
  [
    'accelerator',
    'KVM makes guests ten times faster than emulation',
    'on hardware: load kvm_intel or kvm_amd and join group kvm',
    accelerator,
    'optional',
  ],
  [
    'space for caches',
    'kernels and images take about 600 MB',
    'free some space or set XDG_CACHE_HOME',
    () => space(cacheDir()),
  ],
  [
    'space for guests',
    'snapshots of running guests',
    'free some space in the temporary folder',
    () => space(runtimeRoot()),
  ],
  [
    'tracefs here',
    'attach --local reads the trace of this machine',
    'mount -t tracefs tracefs /sys/kernel/tracing (as root)',
    () => readable('/sys/kernel/tracing/trace_pipe'),
    'optional',
  ],
  [
    '/dev/kmsg here',
    'attach --local reads the kernel log of this machine',
    'run as root',
    () => readable('/dev/kmsg'),
    'optional',
  ],
  [
    'node-pty',
    'an interactive console; plain pipes are used without it',
    'npm rebuild node-pty (needs a C++ compiler)',
    pty,
    'optional',
  ],
  [
    'ssh',
    'attach --ssh joins a guest of yours',
    'apt-get install openssh-client',
    () => program('ssh', ['-V']),
    'optional',
  ],
];

/** Everything in the list of Debian packages, then the rest of the table. */
export async function examine(): Promise<Need[]> {
  const rows: Row[] = [...debianPackages(), ...NEEDS];
  const needs: Need[] = [];
  for (const [name, why, mend, look, optional] of rows) {
    const result = await Promise.resolve()
      .then(look)
      .catch((error: unknown) => ({ met: false, seen: messageOf(error) }));
    needs.push({ name, why, mend, ...result, optional: optional === 'optional' });
  }
  return needs;
}

function debianPackages(): Row[] {
  return listDebianPackages().map(({ name, why }) => [
    `package ${name}`,
    why,
    `apt-get install --no-install-recommends ${name} (as root), or: make setup`,
    () => packageVersion(name),
  ]);
}

/** The Debian packages that the project uses, and why. */
export function listDebianPackages(): { readonly name: string; readonly why: string }[] {
  const list = readFileSync(join(packageRoot(), '.ci/debian-packages'), 'utf8');
  return list.split('\n').flatMap((line) => {
    const [, name, why] = /^([a-z0-9][\w.+-]*)\s+(.*)$/.exec(line) ?? [];
    return name === undefined || why === undefined ? [] : [{ name, why }];
  });
}

function packageVersion(name: string) {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: fields of dpkg-query's own format
  const result = spawnSync('dpkg-query', ['-W', '-f', '${db:Status-Status} ${Version}', name], { encoding: 'utf8' });
  const [status, version] = (result.stdout ?? '').split(' ');
  return status === 'installed' ? { met: true, seen: version ?? '' } : { met: false, seen: 'not installed' };
}

function nodeVersion() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  return { met: major > 20 || (major === 20 && minor >= 19), seen: process.versions.node };
}

async function accelerator() {
  const kind = await chooseAccelerator(findKernel('stock'), () => {});
  if (kind === 'kvm') return { met: true, seen: 'KVM' };
  return {
    met: false,
    seen: existsSync('/dev/kvm') ? 'emulation: a guest does not boot with /dev/kvm here' : 'emulation: no /dev/kvm',
  };
}

function space(dir: string) {
  const { bavail, bsize } = statfsSync(dir);
  const gib = (bavail * bsize) / 2 ** 30;
  return { met: gib >= 2, seen: `${gib.toFixed(1)} GiB free` };
}

function readable(path: string) {
  accessSync(path, constants.R_OK);
  return { met: true, seen: path };
}

async function pty() {
  const { loadPty } = await import('../guest/pty.ts');
  const loaded = await loadPty();
  return loaded === undefined ? { met: false, seen: 'not built' } : { met: true, seen: 'built' };
}

function program(name: string, args: readonly string[]) {
  const result = spawnSync(name, args, { encoding: 'utf8' });
  if (result.error !== undefined) return { met: false, seen: 'not installed' };
  return { met: true, seen: `${result.stdout}${result.stderr}`.split('\n')[0] ?? '' };
}

function seen(look: () => string) {
  return { met: true, seen: look() };
}

function fail(message: string): never {
  throw new Error(message);
}
