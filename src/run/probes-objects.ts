import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { release, version } from 'node:os';
import { join } from 'node:path';
import { ExpectedError } from '../base/errors.ts';
import { cached } from '../guest/cached.ts';
import { runTool } from '../guest/command.ts';
import { buildCached } from '../guest/image.ts';
import { cacheDir, packageRoot } from '../guest/paths.ts';
import { type CoreObject, coreEngine, type Probe, type ProbeEngine } from '../probes/index.ts';

const KERNEL_BTF = '/sys/kernel/btf/vmlinux';
/** As clang names what `#if defined(__TARGET_ARCH_…)` of bpf_tracing.h asks for. */
const ARCH = { x64: 'x86', arm64: 'arm64' }[process.arch as string] ?? process.arch;

/** The engine of compiled objects on this machine. `before` is put before the loader's command. */
export function localCoreEngine(progress: (message: string) => void, before: readonly string[] = []): ProbeEngine {
  return {
    start(probes, options) {
      const build = (probe: Probe) => buildObject(probe, progress);
      return coreEngine({ loader: [...before, buildLoader(progress)], build }).start(probes, options);
    },
  };
}

/** The loader, compiled once for each content of its sources. The JSON of the guest's agent is also its own. */
export function buildLoader(progress: (message: string) => void = () => {}): string {
  const agent = join(packageRoot(), 'src/guest/agent');
  const shared = ['json.c', 'buf.c', 'utf8.c', 'json.h', 'buf.h', 'utf8.h'].map((file) => join(agent, file));
  const program = 'probe-loader';
  return buildCached(
    program,
    join(packageRoot(), 'src/probes/loader'),
    program,
    (dir) => {
      progress('compiling the loader of probes');
      const sources = ['main.c', 'object.c', 'read.c'].map((file) => join(dir, file));
      const flags = ['-std=gnu11', '-D_GNU_SOURCE', '-O2', '-Wall', '-Wextra', `-I${agent}`];
      runTool('gcc', [...flags, '-o', join(dir, program), ...sources, ...shared.slice(0, 3), '-lbpf', '-lelf', '-lz']);
    },
    ...shared.map((file) => readFileSync(file, 'utf8')),
  );
}

/** A probe's object, compiled once for each content of its source and each kernel, with the types of this kernel that it needs. */
export function buildObject(probe: Probe, progress: (message: string) => void = () => {}): CoreObject {
  const headers = kernelHeaders(progress);
  const own = join(packageRoot(), 'probes');
  const key = hashOf(probe.text, readFileSync(join(own, 'count.h'), 'utf8'), headers);
  const dir = cached(join(cacheDir('build'), `probe-${probe.name}-${key}`), (fresh) => {
    progress(`compiling ${probe.name}`);
    mkdirSync(fresh);
    const [source, object, btf] = [`${probe.name}.bpf.c`, 'probe.bpf.o', 'probe.btf'];
    writeFileSync(join(fresh, source), probe.text);
    const flags = ['-O2', '-g', '-target', 'bpf', `-D__TARGET_ARCH_${ARCH}`, `-I${headers}`, `-I${own}`];
    compile('clang', [...flags, '-c', source, '-o', object], fresh);
    // A few hundred bytes of types: all of the kernel's take the loader tens of milliseconds to read.
    compile('bpftool', ['gen', 'min_core_btf', KERNEL_BTF, btf, object], fresh);
  });
  return { file: join(dir, 'probe.bpf.o'), btf: join(dir, 'probe.btf') };
}

function compile(program: string, args: readonly string[], cwd: string): void {
  try {
    runTool(programPath(program) ?? program, args, { cwd });
  } catch (error) {
    // A program that does not compile is the user's to mend; what is not installed is not.
    if (error instanceof ExpectedError && !error.message.endsWith('is not installed')) {
      throw new ExpectedError('usage', error.message);
    }
    throw error;
  }
}

/** A folder with `vmlinux.h`, all types of the running kernel, and `syscalls.h`, its system calls by number. */
function kernelHeaders(progress: (message: string) => void): string {
  if (!existsSync(KERNEL_BTF)) {
    throw new ExpectedError('missing', 'the kernel has no types of its own (BTF, CONFIG_DEBUG_INFO_BTF)');
  }
  return cached(join(cacheDir('build'), `probe-headers-${hashOf(release(), version())}`), (fresh) => {
    progress('reading the types of this kernel');
    mkdirSync(fresh);
    const types = runTool(programPath('bpftool') ?? 'bpftool', ['btf', 'dump', 'file', KERNEL_BTF, 'format', 'c']);
    writeFileSync(join(fresh, 'vmlinux.h'), types);
    const macros = runTool('gcc', ['-E', '-dM', '-'], { input: '#include <sys/syscall.h>\n' }).toString();
    const calls = [...macros.matchAll(/^#define __NR_(\w+) (\d+)$/gm)].map(
      ([, name, nr]) => `\tSYS_${name} = ${nr},\n`,
    );
    writeFileSync(join(fresh, 'syscalls.h'), `enum syscall {\n${calls.join('')}};\n`);
  });
}

/** What building and loading objects takes, and the package that has it. */
const BUILDS: readonly (readonly [string, () => boolean])[] = [
  ['clang', () => programPath('clang') !== null],
  ['bpftool', () => programPath('bpftool') !== null],
  ['gcc', () => programPath('gcc') !== null],
  ['libbpf-dev', () => existsSync('/usr/include/bpf/libbpf.h')],
];

export function lacksToBuild(): string[] {
  return BUILDS.filter(([, isThere]) => !isThere()).map(([name]) => name);
}

/** bpftool is where only root looks. */
function programPath(program: string): string | null {
  const folders = [...(process.env.PATH ?? '').split(':'), '/usr/sbin', '/sbin'];
  return folders.map((folder) => join(folder, program)).find((path) => existsSync(path)) ?? null;
}

function hashOf(...parts: readonly string[]): string {
  return createHash('sha256').update(parts.join('\0')).digest('hex').slice(0, 16);
}
