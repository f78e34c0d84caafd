import { join } from 'node:path';
import { ARCHES, type ArchName, isNative, toolPrefix } from './arch.ts';
import { runTool } from './command.ts';
import { buildCached, type ImageFile } from './image.ts';
import { packageRoot } from './paths.ts';
import type { ScratchDiskOptions } from './scratch-disk.ts';

const PROGRAMS = ['mkfs.vexfs', 'fsck.vexfs'] as const;
export type FilesystemProgram = (typeof PROGRAMS)[number];

/** Path of a program of our own file system, built for the architecture; static, so that it runs in any guest. */
export function filesystemProgram(name: FilesystemProgram, arch: ArchName): string {
  return buildCached(`${name}-${arch}`, join(packageRoot(), 'kmod'), `tools/${name}`, (dir) =>
    runTool('make', ['-s', '-C', dir, `CC=${toolPrefix(arch)}gcc`, `tools/${name}`]),
  );
}

/** Both, for the image of a guest. */
export function filesystemPrograms(arch: ArchName): ImageFile[] {
  return PROGRAMS.map((name) => ({ path: `sbin/${name}`, from: filesystemProgram(name, arch) }));
}

/** A new disk is formatted for our own file system, unless something else was asked for. */
export function withOwnMkfs(scratch: ScratchDiskOptions): ScratchDiskOptions {
  if (scratch.disk !== undefined || scratch.mkfs !== undefined) return scratch;
  return { ...scratch, mkfs: filesystemProgram('mkfs.vexfs', hostArch()) };
}

/** Guests of another architecture have the same bytes on their disks. */
function hostArch(): ArchName {
  const names = Object.keys(ARCHES) as ArchName[];
  return names.find(isNative) ?? 'x86_64';
}
