import { cpSync, existsSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { withStage } from './cached.ts';
import { runTool } from './command.ts';

/** What a module is built against: of the sources what people wrote, of the objects what was made of it. */
const FROM_SOURCE = ['Makefile', 'scripts', 'include', 'arch/x86/include', 'arch/x86/Makefile'];
const FROM_OBJECTS = [
  ...['.config', 'Module.symvers', 'scripts', 'include/config', 'include/generated', 'arch/x86/include/generated'],
  'tools/objtool/objtool',
];

/** Packs them into one archive with one folder in it, as `findKernel` unpacks it. */
export function packHeaders(from: { readonly source: string; readonly objects: string }, archive: string): void {
  withStage('headers', (stage) => {
    const copy = (root: string, path: string) => {
      if (!existsSync(join(root, path))) return;
      mkdirSync(dirname(join(stage, 'build', path)), { recursive: true });
      cpSync(join(root, path), join(stage, 'build', path), {
        recursive: true,
        filter: (file) => !LEFT_OVER.test(file),
      });
    };
    for (const path of FROM_SOURCE) copy(from.source, path);
    for (const path of FROM_OBJECTS) copy(from.objects, path);
    runTool('tar', ['--zstd', '-cf', archive, '-C', stage, '--owner=0', '--group=0', 'build']);
  });
}

/** Objects of programs that are made, and what make remembers of them. */
const LEFT_OVER = /\.(?:o|a|cmd|d)$/;
