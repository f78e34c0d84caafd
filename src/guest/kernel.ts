import { existsSync, mkdirSync, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { ExpectedError } from '../base/errors.ts';
import { didYouMean } from '../base/text.ts';
import { isProfile, KERNEL_PROFILES, PROFILE_NAMES } from '../model/kernel-profile.ts';
import { ARCH_NAMES, ARCHES, type ArchName, isNative } from './arch.ts';
import { cached } from './cached.ts';
import { runTool } from './command.ts';
import { builtKernel, builtKernels } from './kernel-build-profiles.ts';
import { cacheDir } from './paths.ts';

/** A kernel that guests can boot. */
export interface Kernel {
  /** Short name: `stock`, a Debian release, or the name of its folder. */
  readonly name: string;
  readonly release: string;
  readonly arch: ArchName;
  readonly image: string;
  /** `lib/modules/<release>`; absent when everything needed is built in. */
  readonly modulesDir?: string;
  /** Where out-of-tree modules are built against; absent when only ready-built modules can be used. */
  readonly buildDir?: string;
  readonly config: string;
}

/** Sanitizers keep shadow memory and look at every access: such a kernel needs more memory and much more time. */
export function isSanitizer(kernel: Pick<Kernel, 'config'>): boolean {
  return /^CONFIG_(KASAN|KCSAN|KMSAN)=y$/m.test(kernel.config);
}

/**
 * Finds a kernel by name (`stock`, `6.12`, `arm64`, a release, or the profile of one that was built here, such as `kasan`), folder
 * (bzImage or Image, config, headers.tar.zst) or image file. Fails with exit 3 and the step that brings it.
 */
export function findKernel(wanted: string): Kernel {
  if (wanted.includes('/')) return kernelOfPath(resolve(wanted));
  const built = builtKernel(wanted);
  if (built !== undefined) return kernelOfPath(built.dir);
  const debian = debianKernels();
  const found =
    wanted === 'stock'
      ? debian.find((kernel) => kernel.release === stockRelease())
      : debian.find(
          ({ release, arch }) =>
            release === wanted ||
            (isNative(arch) ? release.startsWith(`${wanted}.`) : ARCHES[arch].debianArch === wanted),
        );
  if (found !== undefined) return wanted === 'stock' ? { ...found, name: 'stock' } : found;
  if (wanted === 'stock') {
    throw new ExpectedError('missing', 'no guest kernel is installed', 'run: make setup');
  }
  if (isProfile(wanted)) throw new ExpectedError('missing', `no kernel "${wanted}" was built yet`, howToBuild(wanted));
  const near = didYouMean(wanted, ['stock', ...PROFILE_NAMES, ...debian.map((kernel) => kernel.release)]);
  throw new ExpectedError(
    'missing',
    `no kernel "${wanted}" is installed${near === undefined ? '' : `, did you mean "${near}"?`}`,
    near !== undefined && isProfile(near) && builtKernel(near) === undefined
      ? howToBuild(near)
      : 'name a kernel folder (bzImage, config, headers.tar.zst), or run: .ci/setup.sh kernel 6.12 (or: arch arm64)',
  );
}

function howToBuild(profile: string): string {
  return `run: vexfs-trace guest kernel build --profile ${profile}`;
}

export interface ListedKernel {
  /** As `findKernel` takes it. */
  readonly name: string;
  readonly about: string;
  /** What brings it, or brings it up to date. */
  readonly next?: string;
}

/** Every kernel that guests here could boot, and those that could be built. */
export function listKernels(): ListedKernel[] {
  const stock = stockRelease();
  const built = builtKernels();
  return [
    ...debianKernels().map(({ release, arch }) => ({
      name: release === stock ? 'stock' : release,
      about: `Debian, ${release === stock ? `${release}, ` : ''}${arch}`,
    })),
    ...built.map(({ profile, series, dir, isCurrent }) => ({
      name: `${series}-${profile}`,
      about: `built here, ${kernelOfImage(join(dir, ARCHES.x86_64.imageName), '', '').release}: ${KERNEL_PROFILES[profile]}`,
      ...(!isCurrent && { next: `${howToBuild(profile)}, its options have changed` }),
    })),
    ...PROFILE_NAMES.filter((name) => !built.some(({ profile }) => profile === name)).map((name) => ({
      name,
      about: `not built: ${KERNEL_PROFILES[name]}`,
      next: howToBuild(name),
    })),
  ];
}

/** Setup leaves a link that names the release which the distribution's headers are for. */
function stockRelease(): string | undefined {
  const link = join(cacheDir('kernels'), 'stock');
  return existsSync(link) ? basename(realpathSync(link)) : undefined;
}

/** Debian cloud kernels that setup has unpacked into the cache. */
function debianKernels(): Kernel[] {
  const root = cacheDir('kernels');
  return readdirSync(root)
    .filter((release) => existsSync(join(root, release, 'boot', `vmlinuz-${release}`)))
    .filter((release) => release !== 'stock')
    .map((release) => {
      const arch = ARCH_NAMES.find((name) => release.endsWith(`-${ARCHES[name].debianArch}`)) ?? 'x86_64';
      const own = `usr/src/linux-headers-${release}`;
      // Those of another architecture lie beside the kernel.
      const headers = [`/lib/modules/${release}/build`, `/${own}`, join(root, release, own)].find((dir) =>
        existsSync(join(dir, 'Makefile')),
      );
      return {
        name: release,
        release,
        arch,
        image: join(root, release, 'boot', `vmlinuz-${release}`),
        modulesDir: join(root, release, 'lib/modules', release),
        ...(headers !== undefined && { buildDir: headers }),
        config: readFileSync(join(root, release, 'boot', `config-${release}`), 'utf8'),
      };
    });
}

function kernelOfPath(path: string): Kernel {
  if (!existsSync(path))
    throw new ExpectedError('missing', `kernel ${path} does not exist`, 'name an image or a folder that holds one');
  if (!statSync(path).isDirectory()) return kernelOfImage(path, basename(path), '');
  const names = ARCH_NAMES.map((arch) => ARCHES[arch].imageName);
  const image = names.map((name) => join(path, name)).find((file) => existsSync(file));
  if (image === undefined)
    throw new ExpectedError(
      'missing',
      `${path} holds no ${names.join(' and no ')}`,
      'build it there or name another kernel',
    );
  const config = existsSync(join(path, 'config')) ? readFileSync(join(path, 'config'), 'utf8') : '';
  const kernel = kernelOfImage(image, basename(path), config);
  const archive = join(path, 'headers.tar.zst');
  const buildDir = existsSync(archive) ? unpackHeaders(archive) : join(path, 'build');
  return existsSync(buildDir) ? { ...kernel, buildDir } : kernel;
}

function kernelOfImage(image: string, name: string, config: string): Kernel {
  const bytes = readFileSync(image);
  const arch = ARCH_NAMES.find((arch) => {
    const { at, bytes: magic } = ARCHES[arch].magic;
    return bytes.toString('latin1', at, at + magic.length) === magic;
  });
  if (arch === undefined) {
    const names = ARCH_NAMES.map((arch) => `${ARCHES[arch].imageName} (${arch})`);
    throw new ExpectedError(
      'usage',
      `${image} is not a kernel image that guests can boot`,
      `name a ${names.join(' or ')}`,
    );
  }
  return { name, release: RELEASE_OF[arch](bytes), arch, image, config };
}

const RELEASE_OF: Readonly<Record<ArchName, (bytes: Buffer) => string>> = {
  // At the offset that the setup header names (Documentation/arch/x86/boot.rst, kernel_version).
  x86_64: (bytes) => wordAt(bytes, bytes.readUInt16LE(0x20e) + 0x200),
  // The image is not compressed, so the banner of the kernel (init/version.c) can be read.
  arm64: (bytes) => wordAt(bytes, bytes.indexOf(BANNER) + BANNER.length),
};
const BANNER = 'Linux version ';

function wordAt(bytes: Buffer, at: number): string {
  return /^[^ \0]*/.exec(bytes.toString('latin1', at, Math.min(at + 128, bytes.length)))?.[0] ?? '';
}

/** Headers are unpacked once for each archive (size and time name it), beside the other caches. */
function unpackHeaders(archive: string): string {
  const { size, mtimeMs } = statSync(archive);
  const dir = join(cacheDir('headers'), `${basename(resolve(archive, '..'))}-${size}-${Math.floor(mtimeMs)}`);
  cached(dir, (fresh) => {
    mkdirSync(fresh);
    runTool('tar', ['--zstd', '-xf', archive, '-C', fresh]);
  });
  const inner = readdirSync(dir);
  const only = inner.length === 1 ? inner[0] : undefined;
  return only !== undefined && !existsSync(join(dir, 'Makefile')) ? join(dir, only) : dir;
}
