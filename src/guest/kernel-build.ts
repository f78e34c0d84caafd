import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ExpectedError } from '../base/errors.ts';
import { formatMs } from '../base/text.ts';
import type { KernelProfile } from '../model/kernel-profile.ts';
import { ARCHES } from './arch.ts';
import { cached } from './cached.ts';
import { runTool } from './command.ts';
import { packHeaders } from './kernel-build-headers.ts';
import { type MakeOptions, makeKernel } from './kernel-build-make.ts';
import { ASKED_FILE, askedConfig, builtKernelDir, droppedOptions } from './kernel-build-profiles.ts';
import { type KernelSource, kernelSource } from './kernel-build-source.ts';
import { cacheDir } from './paths.ts';

export interface KernelBuildOptions {
  readonly profile: KernelProfile;
  /** Debian package of the source: `linux-source-6.1`. */
  readonly source: string;
  /** Folder of the archives of such packages; absent: where Debian has them. */
  readonly archives?: string;
  readonly jobs: number;
  readonly progress: (message: string) => void;
  readonly signal: AbortSignal;
}

/**
 * Builds a kernel of a profile from Debian's source, which takes a quarter of an hour on two cores. Objects are kept until it is whole,
 * so that a build that was ended goes on where it was; the kernel comes to its place complete. Gives its folder.
 */
export async function buildKernel(options: KernelBuildOptions): Promise<string> {
  const { profile, progress, signal } = options;
  const from = kernelSource(options.source, options.archives);
  const asked = askedConfig(profile);
  const dir = builtKernelDir(from.series, profile);
  if (says(join(dir, ASKED_FILE), asked) && says(join(dir, VERSION_FILE), from.version)) return dir;
  const started = performance.now();
  const make = { source: unpackSource(from, progress), objects: objectsOf(from, profile), signal };
  await configure(asked, make, progress);
  const onStep = stepTeller(`building ${from.series}-${profile}`, started, progress);
  await makeKernel([`-j${options.jobs}`, 'bzImage', 'modules'], { ...make, onStep });
  progress('packing');
  // One of other options or of another source is in the way.
  rmSync(dir, { recursive: true, force: true });
  cached(dir, (fresh) => {
    mkdirSync(fresh);
    copyFileSync(join(make.objects, 'arch/x86/boot', ARCHES.x86_64.imageName), join(fresh, ARCHES.x86_64.imageName));
    copyFileSync(join(make.objects, '.config'), join(fresh, 'config'));
    copyFileSync(join(make.objects, 'vmlinux'), join(fresh, 'vmlinux'));
    packHeaders(make, join(fresh, 'headers.tar.zst'));
    writeFileSync(join(fresh, VERSION_FILE), from.version);
    writeFileSync(join(fresh, ASKED_FILE), asked);
  });
  rmSync(make.objects, { recursive: true, force: true });
  progress(`built in ${formatMs(performance.now() - started)}`);
  return dir;
}

/** Which version of the source something was made from. */
const VERSION_FILE = 'source-version';

function says(file: string, text: string): boolean {
  return existsSync(file) && readFileSync(file, 'utf8') === text;
}

function unpackSource({ series, archive, version }: KernelSource, progress: (message: string) => void): string {
  return cached(join(cacheDir('kernel-source'), `linux-source-${series}-${version}`), (fresh) => {
    progress(`unpacking ${archive}`);
    mkdirSync(fresh);
    runTool('tar', ['-xf', archive, '-C', fresh, '--strip-components=1'], { timeoutMs: 1_800_000 });
  });
}

/** The folder of what is half made; objects of another version of the source would be mixed with those of this one. */
function objectsOf({ series, version }: KernelSource, profile: KernelProfile): string {
  const dir = join(cacheDir('kernel-build'), `${series}-${profile}`);
  if (!says(join(dir, VERSION_FILE), version)) rmSync(dir, { recursive: true, force: true });
  mkdirSync(dir, { recursive: true });
  writeFileSync(join(dir, VERSION_FILE), version);
  return dir;
}

/** Nothing but what is asked for and what that needs. Fails with the options that the kernel's own tool dropped. */
async function configure(asked: string, make: MakeOptions, progress: (message: string) => void): Promise<void> {
  const wish = join(make.objects, ASKED_FILE);
  const config = join(make.objects, '.config');
  if (!says(wish, asked) || !existsSync(config)) {
    progress('configuring');
    const fresh = `${wish}.new`;
    writeFileSync(fresh, asked);
    await makeKernel([`KCONFIG_ALLCONFIG=${fresh}`, 'allnoconfig'], make);
    // Last, so that an end in between has it done again.
    writeFileSync(wish, asked);
  }
  await makeKernel(['olddefconfig'], make);
  const dropped = droppedOptions(asked, readFileSync(config, 'utf8'));
  if (dropped.length > 0)
    throw new ExpectedError(
      'missing',
      `the configuration lost options that the profile asks for:\n  ${dropped.join('\n  ')}`,
      'this source does not know them, or not what they need; take the one that the profile was made for: --source linux-source-6.1',
    );
}

const TELL_EVERY_MS = 30_000;

/** Tells now and then how far the build is. */
function stepTeller(what: string, started: number, progress: (message: string) => void): (step: string) => void {
  let steps = 0;
  let told = performance.now();
  return (step) => {
    steps += 1;
    const now = performance.now();
    if (now - told < TELL_EVERY_MS) return;
    told = now;
    progress(`${what}: ${formatMs(now - started)}, ${steps} steps, now ${step}`);
  };
}
