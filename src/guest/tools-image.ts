import { copyFileSync, existsSync, mkdirSync, realpathSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { type ArchName, isNative } from './arch.ts';
import { cached, withStage } from './cached.ts';
import { runTool } from './command.ts';
import { cacheDir } from './paths.ts';

/** Programs for the guest that are too large for the boot image, each with the libraries it needs: for probes, for faults of disks and networks, for loads. */
const TOOLS = [
  ...['/usr/bin/bpftrace', '/usr/bin/trace-cmd', '/usr/sbin/dmsetup', '/usr/sbin/tc'],
  // Loads of others, where they are installed here.
  ...['/usr/bin/fio', '/usr/bin/stress-ng'],
];

/**
 * Builds the second disk of a guest (ext4, read-only): bpftrace, trace-cmd, dmsetup and tc with their libraries, 200 MB mostly LLVM.
 * Undefined when bpftrace is not installed here, and for guests of another architecture: its programs are those of this
 * machine. Rebuilt when a program's file changes.
 */
export function buildToolsImage(arch: ArchName): string | undefined {
  if (!isNative(arch)) return undefined;
  const programs = TOOLS.filter((path) => existsSync(path));
  if (!programs.some((path) => basename(path) === 'bpftrace')) return undefined;
  const key = programs.map((path) => `${statSync(path).size}.${Math.floor(statSync(path).mtimeMs)}`).join('-');
  const image = join(cacheDir('images'), `tools-${key}.ext4`);
  return cached(image, (fresh) =>
    withStage('tools', (stage) => {
      for (const dir of ['bin', 'lib']) mkdirSync(join(stage, dir));
      for (const program of programs) {
        copyFileSync(program, join(stage, 'bin', basename(program)));
        for (const library of librariesOf(program))
          copyFileSync(realpathSync(library), join(stage, 'lib', basename(library)));
      }
      copyFileSync(realpathSync(LOADER), join(stage, 'lib', basename(LOADER)));
      runTool('truncate', ['-s', '512M', fresh]);
      runTool('/sbin/mke2fs', ['-q', '-t', 'ext4', '-O', '^has_journal', '-d', stage, fresh]);
    }),
  );
}

const LOADER = '/lib64/ld-linux-x86-64.so.2';

/** The absolute paths that the loader resolves (`ldd`: `name => /path (address)`). */
function librariesOf(program: string): string[] {
  return [
    ...runTool('ldd', [program])
      .toString()
      .matchAll(/=> (\/\S+) \(0x/g),
  ].map((match) => match[1] ?? '');
}
