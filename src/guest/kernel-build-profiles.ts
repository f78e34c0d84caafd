import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isProfile, type KernelProfile } from '../model/kernel-profile.ts';
import { cacheDir, packageRoot } from './paths.ts';

/** What the configuration of a profile is made from and checked against: lines of `kernel-profiles/`, those of all and its own. */
export function askedConfig(profile: KernelProfile): string {
  const dir = join(packageRoot(), 'src/guest/kernel-profiles');
  return ['base', profile].map((name) => readFileSync(join(dir, `${name}.config`), 'utf8')).join('');
}

/** Lines of the wish that the configuration does not have: an option that is unknown there, or whose needs are not met. */
export function droppedOptions(asked: string, config: string): string[] {
  const got = new Set(config.split('\n'));
  return asked.split('\n').filter((line) => OPTION.test(line) && !got.has(line));
}

/** Both forms in which a configuration says something of an option. */
const OPTION = /^(?:CONFIG_\w+=|# CONFIG_\w+ is not set$)/;

export interface BuiltKernel {
  readonly profile: KernelProfile;
  /** Of the kernel, as its package is named after: `6.1`. */
  readonly series: string;
  /** Folder with bzImage, config, headers.tar.zst and vmlinux. */
  readonly dir: string;
  /** It was made from the options that the profile has today. */
  readonly isCurrent: boolean;
}

/** Where a built kernel is kept: beside those of Debian. */
export function builtKernelDir(series: string, profile: KernelProfile): string {
  return join(cacheDir('kernels'), `${series}-${profile}`);
}

/** What the options were that a kernel was made from. */
export const ASKED_FILE = 'asked.config';

/** Kernels that were built here, newest series last. */
export function builtKernels(): BuiltKernel[] {
  return readdirSync(cacheDir('kernels'))
    .flatMap((name) => {
      const [, series = '', profile = ''] = /^(\d+\.\d+)-(\w+)$/.exec(name) ?? [];
      const dir = join(cacheDir('kernels'), name);
      if (!isProfile(profile) || !existsSync(join(dir, ASKED_FILE))) return [];
      const isCurrent = readFileSync(join(dir, ASKED_FILE), 'utf8') === askedConfig(profile);
      return [{ profile, series, dir, isCurrent }];
    })
    .sort((a, b) => a.series.localeCompare(b.series, 'en', { numeric: true }));
}

/** The built kernel that a name means: `fault` (of the newest series) or `6.1-fault`. */
export function builtKernel(name: string): BuiltKernel | undefined {
  return builtKernels().findLast(({ profile, series }) => name === profile || name === `${series}-${profile}`);
}
