import { spawn } from 'node:child_process';
import { accessSync, constants, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { release } from 'node:os';
import { join } from 'node:path';
import type { Accelerator } from '../model/guest.ts';
import { ARCHES, isNative } from './arch.ts';
import type { Kernel } from './kernel.ts';
import { cacheDir } from './paths.ts';

/** A kernel that works says its first words within a second; one that hangs never does. */
const DEADLINE_MS = 8000;

/**
 * KVM where a guest really boots on it, else emulation. That /dev/kvm exists and can be opened says little: on some hosts
 * a guest then hangs behind the firmware. So a kernel is booted until its first line, once for each host kernel and
 * guest kernel; the answer is remembered. `progress` is told when that takes time.
 */
export async function chooseAccelerator(kernel: Kernel, progress: (message: string) => void): Promise<Accelerator> {
  if (!isNative(kernel.arch)) return 'tcg';
  try {
    accessSync('/dev/kvm', constants.R_OK | constants.W_OK);
  } catch {
    return 'tcg';
  }
  const file = join(cacheDir(), 'accelerators.json');
  const key = `${release()} ${kernel.release}`;
  const known = readKnown(file);
  const remembered = known[key];
  if (remembered !== undefined) return remembered;
  progress(`trying whether guests boot with KVM here (${DEADLINE_MS / 1000} s at most, once)`);
  const works = await bootsWithKvm(kernel);
  const accelerator = works ? 'kvm' : 'tcg';
  writeFileSync(file, JSON.stringify({ ...known, [key]: accelerator }));
  if (!works) progress('a guest does not boot with KVM here; emulation is used from now on');
  return accelerator;
}

function readKnown(file: string): Record<string, Accelerator> {
  if (!existsSync(file)) return {};
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Record<string, Accelerator>;
  } catch {
    return {};
  }
}

function bootsWithKvm(kernel: Kernel): Promise<boolean> {
  const arch = ARCHES[kernel.arch];
  const args = ['-nodefaults', '-display', 'none', '-accel', 'kvm', '-cpu', 'host', '-m', '256', '-no-reboot'];
  const boot = [
    '-kernel',
    kernel.image,
    '-append',
    `console=${arch.console} earlyprintk=serial panic=-1`,
    '-serial',
    'stdio',
  ];
  const child = spawn(arch.qemu, [...args, ...arch.machine, ...boot], { stdio: ['ignore', 'pipe', 'ignore'] });
  return new Promise((resolve) => {
    let seen = '';
    const end = (works: boolean) => {
      clearTimeout(timer);
      child.kill('SIGKILL');
      resolve(works);
    };
    const timer = setTimeout(() => end(false), DEADLINE_MS);
    child.stdout.on('data', (bytes: Buffer) => {
      seen = (seen + bytes.toString('latin1')).slice(-4096);
      if (seen.includes('Linux version')) end(true);
    });
    child.once('error', () => end(false));
    child.once('exit', () => end(false));
  });
}
