import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { ExpectedError } from '../base/errors.ts';
import { runTool } from './command.ts';

export interface ScratchDiskOptions {
  readonly disk?: string;
  readonly diskSize?: string;
  readonly mkfs?: string;
}

/**
 * The disk of a block-based file system: an overlay over the user's image (which is never written to) or a new one of
 * the given size, formatted by the user's program, which gets the file's path as its last argument.
 */
export function makeScratchDisk(dir: string, { disk, diskSize, mkfs }: ScratchDiskOptions): string {
  if (disk !== undefined && !existsSync(disk))
    throw new ExpectedError(
      'missing',
      `disk image ${disk} does not exist`,
      'name an image file, or use --disk-size 64M',
    );
  if (diskSize !== undefined && !/^[1-9]\d*[KMG]$/.test(diskSize)) {
    throw new ExpectedError(
      'usage',
      `disk size "${diskSize}" cannot be read`,
      'write a number with K, M or G, such as 64M',
    );
  }
  let base = disk === undefined ? undefined : resolve(disk);
  if (base === undefined) {
    base = join(dir, 'scratch.raw');
    runTool('truncate', ['-s', diskSize ?? '64M', base]);
    if (mkfs !== undefined) runTool(mkfs, [base]);
  }
  const overlay = join(dir, 'scratch.qcow2');
  const info = JSON.parse(runTool('qemu-img', ['info', '--output=json', base]).toString()) as { format: string };
  runTool('qemu-img', ['create', '-q', '-f', 'qcow2', '-b', base, '-F', info.format, overlay]);
  return overlay;
}
