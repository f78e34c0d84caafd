import { join } from 'node:path';
import { type ArchName, toolPrefix } from './arch.ts';
import { runTool } from './command.ts';
import { buildCached, type ImageFile } from './image.ts';
import { packageRoot } from './paths.ts';

/** The program that checks a mounted filesystem against models (kmod/README.md), static: it runs in guests and on this machine. */
export function buildVexcheck(arch: ArchName): ImageFile {
  const from = buildCached(`vexcheck-${arch}`, join(packageRoot(), 'kmod'), 'tools/vexcheck', (dir) =>
    runTool('make', ['-s', '-C', dir, `CC=${toolPrefix(arch)}gcc`, 'vexcheck']),
  );
  return { path: 'bin/vexcheck', from };
}
