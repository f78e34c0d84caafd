import { createHash } from 'node:crypto';
import { chmodSync, copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, extname, join } from 'node:path';
import { ExpectedError } from '../base/errors.ts';
import { ARCHES, type ArchName, isNative, toolPrefix } from './arch.ts';
import { cached, withStage } from './cached.ts';
import { runTool } from './command.ts';
import type { Kernel } from './kernel.ts';
import { LAST_WORDS_MODULE } from './last-words.ts';
import { cacheDir, packageRoot } from './paths.ts';

/** Drivers that a stock kernel has as modules; what is built in is not there and not needed. In order of loading. */
const GUEST_MODULES = [
  'virtio_pci',
  'virtio_blk',
  'virtio_console',
  'virtio-rng',
  'pvpanic-pci',
  // Tells QEMU where a dump of its memory finds what readers need (VMCOREINFO).
  'qemu_fw_cfg',
  'ramoops',
  // Faults of disks and networks: src/fault.
  'dm-flakey',
  'dm-delay',
  'sch_netem',
];
/** What a driver is told when it is loaded. */
const MODULE_PARAMETERS: Readonly<Record<string, string>> = { 'ramoops.ko': LAST_WORDS_MODULE };

/** A file for the image: its path there and where it is here. */
export interface ImageFile {
  readonly path: string;
  readonly from: string;
}

/**
 * Builds the small image that every guest boots from: busybox, init, the agent, the sender of traces, drivers and the module
 * under test. `moreModules` are names of the kernel's own that are loaded as well. The same content is built once; the path of the
 * cached file is returned.
 */
export function buildInitramfs(
  kernel: Kernel,
  files: readonly ImageFile[],
  moreModules: readonly string[] = [],
): string {
  const drivers = driverPaths(kernel, [...GUEST_MODULES, ...moreModules]);
  const all: ImageFile[] = [
    { path: 'bin/busybox', from: busyboxFor(kernel.arch) },
    { path: 'init', from: join(packageRoot(), 'src/guest/init.sh') },
    { path: 'bin/vexfs-agent', from: buildAgent(kernel.arch) },
    { path: 'bin/vexfs-trace-stream', from: buildProgram(kernel.arch, 'trace-stream', 'vexfs-trace-stream') },
    ...drivers.map((path) => ({
      path: `lib/modules/${unpackedName(path)}`,
      from: join(kernel.modulesDir ?? '', path),
    })),
    ...files,
  ];
  const order = drivers.map(unpackedName);
  const key = hashOf([
    kernel.release,
    LAST_WORDS_MODULE,
    ...order,
    ...all.flatMap(({ path, from }) => [path, readFileSync(from)]),
  ]);
  const image = join(cacheDir('images'), `${kernel.name.replace(/[^\w.-]/g, '_')}-${key}.cpio.zst`);
  return cached(image, (fresh) => pack(all, order, fresh));
}

function pack(files: readonly ImageFile[], drivers: readonly string[], image: string): void {
  withStage('initramfs', (stage) => {
    for (const dir of ['proc', 'sys', 'dev', 'tmp', 'mnt', 'tools', 'lib/modules', 'lib64', 'bin', 'sbin']) {
      mkdirSync(join(stage, dir), { recursive: true });
    }
    for (const { path, from } of files) {
      mkdirSync(dirname(join(stage, path)), { recursive: true });
      unpack(from, join(stage, path));
      chmodSync(join(stage, path), path === 'init' || /^s?bin\//.test(path) ? 0o755 : 0o644);
    }
    const lines = drivers.map((name) => `${name} ${MODULE_PARAMETERS[name] ?? ''}`.trimEnd());
    writeFileSync(join(stage, 'lib/guest-modules'), `${lines.join('\n')}\n`);
    const names = runTool('find', ['.', '-print0'], { cwd: stage });
    const archive = runTool('cpio', ['--null', '-o', '-H', 'newc', '--quiet', '-R', '0:0'], {
      cwd: stage,
      input: names,
    });
    writeFileSync(image, runTool('zstd', ['-3', '-q', '-c'], { input: archive }));
  });
}

/**
 * Newer kernels have packed modules. Busybox loads them, but offers them to the kernel as they are first, which complains of
 * each as it does of a broken one (kernel/module/main.c elf_validity_check).
 */
const UNPACKERS: Readonly<Record<string, string>> = { '.xz': 'xz', '.zst': 'zstd', '.gz': 'gzip' };

function unpackedName(path: string): string {
  return basename(path, extname(path) in UNPACKERS ? extname(path) : '');
}

function unpack(from: string, to: string): void {
  const unpacker = UNPACKERS[extname(from)];
  if (unpacker === undefined) copyFileSync(from, to);
  else writeFileSync(to, runTool(unpacker, ['-dc', from]));
}

/** Paths of the drivers with what they depend on, dependencies first, from the kernel's own modules.dep. */
function driverPaths(kernel: Kernel, names: readonly string[]): string[] {
  if (kernel.modulesDir === undefined) return [];
  const table = new Map<string, { path: string; needs: string[] }>();
  for (const line of readFileSync(join(kernel.modulesDir, 'modules.dep'), 'utf8').split('\n')) {
    const [path, needs] = line.split(':');
    if (path !== undefined && needs !== undefined)
      table.set(moduleName(path), { path, needs: needs.split(' ').filter(Boolean) });
  }
  const order: string[] = [];
  for (const name of names) {
    const row = table.get(moduleName(name));
    // modules.dep lists the dependencies nearest first.
    for (const path of row === undefined ? [] : [...row.needs.toReversed(), row.path])
      if (!order.includes(path)) order.push(path);
  }
  return order;
}

function moduleName(path: string): string {
  return basename(path)
    .replace(/\.ko(\.\w+)?$/, '')
    .replaceAll('-', '_');
}

/** Compiles the agent once for each content of its sources. */
export function buildAgent(arch: ArchName): string {
  return buildProgram(arch, 'agent', 'vexfs-agent');
}

/** The program that watches what a module allocates; it takes clang and bpftool to build. */
export function buildLeakProbe(arch: ArchName): ImageFile {
  const missing = ['clang', 'bpftool'].filter((name) => !PROGRAM_FOLDERS.some((dir) => existsSync(join(dir, name))));
  if (missing.length > 0)
    throw new ExpectedError('missing', `watching for leaks needs ${missing.join(' and ')}`, 'run: make setup');
  return { path: 'bin/vexfs-leaks', from: buildProgram(arch, 'leak-probe', 'vexfs-leaks') };
}

/** Debian has bpftool where only root looks. */
const PROGRAM_FOLDERS = [...(process.env.PATH ?? '').split(':'), '/usr/sbin', '/sbin'];

/** A program of the guest's own; `folder` is the one of its sources below this. */
function buildProgram(arch: ArchName, folder: string, program: string): string {
  const source = join(packageRoot(), 'src/guest', folder);
  return buildCached(`${folder}-${arch}`, source, program, (dir) =>
    runTool('make', ['-s', '-C', dir, `CROSS_COMPILE=${toolPrefix(arch)}`, program]),
  );
}

/** Setup has unpacked that of another architecture. */
function busyboxFor(arch: ArchName): string {
  if (isNative(arch)) return '/bin/busybox';
  const { debianArch } = ARCHES[arch];
  const path = join(cacheDir('busybox'), debianArch, 'bin/busybox');
  if (existsSync(path)) return path;
  throw new ExpectedError('missing', `there is no busybox for ${debianArch}`, `run: .ci/setup.sh arch ${debianArch}`);
}

/** Copies a source folder to the cache, runs `build` there and keeps `product`; the key is the content of the sources. */
export function buildCached(
  name: string,
  source: string,
  product: string,
  build: (dir: string) => void,
  ...more: string[]
): string {
  const listed = runTool('find', ['.', '-type', 'f', '!', '-name', '.*', '-print0'], { cwd: source })
    .toString()
    .split('\0');
  const files = listed.filter((file) => SOURCE.test(file)).sort();
  const key = hashOf([...more, ...files.flatMap((file) => [file, readFileSync(join(source, file))])]);
  const dir = cached(join(cacheDir('build'), `${name}-${key}`), (fresh) => {
    for (const file of files) {
      mkdirSync(dirname(join(fresh, file)), { recursive: true });
      copyFileSync(join(source, file), join(fresh, file));
    }
    build(fresh);
  });
  return join(dir, product);
}

const SOURCE = /\.(c|h|S)$|Makefile$|Kbuild$/;

function hashOf(parts: readonly (string | Uint8Array)[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(String(part.length)).update('\0').update(part);
  return hash.digest('hex').slice(0, 16);
}
