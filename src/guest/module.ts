import { existsSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { ExpectedError } from '../base/errors.ts';
import { ARCHES, type ArchName, toolPrefix } from './arch.ts';
import { runTool } from './command.ts';
import { buildCached, type ImageFile } from './image.ts';
import type { Kernel } from './kernel.ts';
import { packageRoot } from './paths.ts';

/** The module that a run is about. */
export interface ModuleUnderTest {
  readonly name: string;
  readonly fstype: string;
  readonly file: string;
  /** The same with debug information, where it has any; guests get the one without. */
  readonly symbolFile: string;
  readonly params: string;
  /** Has the faults of our own module in debugfs. */
  readonly hasFaults: boolean;
  /** The kernel's own modules that have to be loaded before. */
  readonly needs: readonly string[];
  /** What it is mounted from; absent: from `none`. */
  readonly device?: string;
}

/** Our own module, built for the kernel; once for each content of the sources and kernel. Without a device it is mounted in memory. */
export function buildVexfs(kernel: Kernel, device?: string): ModuleUnderTest {
  const { buildDir } = kernel;
  if (buildDir === undefined) {
    throw new ExpectedError('missing', `the headers of kernel ${kernel.release} are not installed`, 'run: make setup');
  }
  const target = [`ARCH=${ARCHES[kernel.arch].kernelArch}`, `CROSS_COMPILE=${toolPrefix(kernel.arch)}`];
  const symbolFile = buildCached(
    `vexfs-${kernel.release}`,
    join(packageRoot(), 'kmod'),
    'vexfs.ko',
    (dir) => {
      const flags = `KCFLAGS=${compilerFlags(kernel, dir)}`;
      runTool('make', ['-s', '-C', buildDir, `M=${dir}`, ...target, flags, 'modules']);
      runTool(`${toolPrefix(kernel.arch)}strip`, ['--strip-debug', '-o', join(dir, STRIPPED), join(dir, 'vexfs.ko')]);
    },
    kernel.release,
    buildDir,
    'stripped',
  );
  const file = join(dirname(symbolFile), STRIPPED);
  return {
    ...{ name: 'vexfs', fstype: 'vexfs', file, symbolFile, params: 'faults=1', hasFaults: true, needs: [] },
    ...(device !== undefined && { device }),
  };
}

/** The copy for the guest: debug information is most of a module, and the guest's memory holds the file and what is loaded of it. */
const STRIPPED = 'vexfs-stripped.ko';

/**
 * Warnings print __FILE__, and line tables name sources: without the map every build would name another folder of this machine.
 * Line tables are wanted, too, where the kernel itself goes without.
 */
function compilerFlags({ config }: Kernel, dir: string): string {
  const map = `-ffile-prefix-map=${dir}=kmod`;
  return /^CONFIG_DEBUG_INFO=y$/m.test(config) ? map : `${map} -g`;
}

/** A user's ready-built module. It has to be made for the kernel it is loaded into; the kernel says so when it is not. */
export function userModule(
  path: string,
  fstype: string | undefined,
  params: string,
  device: string | undefined,
): ModuleUnderTest {
  const file = resolve(path);
  if (!existsSync(file))
    throw new ExpectedError('missing', `module ${path} does not exist`, 'build it, then name its .ko file');
  const name = basename(file).replace(/\.ko$/, '').replaceAll('-', '_');
  const needs = dependencies(file);
  return {
    name,
    fstype: fstype ?? name,
    file,
    symbolFile: file,
    params,
    hasFaults: false,
    needs,
    ...(device !== undefined && { device }),
  };
}

/** What the file says it needs. A file that is no module needs nothing here: the kernel that is to load it says what it is. */
function dependencies(file: string): string[] {
  try {
    return runTool('modinfo', ['-F', 'depends', file]).toString().trim().split(',').filter(Boolean);
  } catch {
    return [];
  }
}

/** The built-in load and check program. */
export function buildVexload(arch: ArchName): ImageFile {
  return buildProgram(arch, 'vexload');
}

/** The program that does one operation with a failing call. */
export function buildVexpoint(arch: ArchName): ImageFile {
  return buildProgram(arch, 'vexpoint');
}

function buildProgram(arch: ArchName, name: string): ImageFile {
  const from = buildCached(`${name}-${arch}`, join(packageRoot(), 'kmod'), `tools/${name}`, (dir) =>
    runTool('make', ['-s', '-C', dir, `CC=${toolPrefix(arch)}gcc`, name]),
  );
  return { path: `bin/${name}`, from };
}
