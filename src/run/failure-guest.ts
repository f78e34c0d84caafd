import { existsSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ARCHES, type ArchName, toolPrefix } from '../guest/arch.ts';
import { runTool } from '../guest/command.ts';
import { buildCached, buildInitramfs, type ImageFile } from '../guest/image.ts';
import { isSanitizer, type Kernel } from '../guest/kernel.ts';
import { type Launched, launch } from '../guest/qemu/launch.ts';
import { type Failure, SOURCE_DIR } from './failure-table.ts';

/** What the guest says when the monitor is to act. */
const MONITOR_CUE = 'recording: monitor';

/** Boots a guest for one failure and gives all that its console said, from the first byte until QEMU ended or was ended. */
export async function recordFailure(kernel: Kernel, failure: Failure): Promise<Buffer> {
  const dir = mkdtempSync(join(tmpdir(), 'vexfs-failure-'));
  const consoleFile = join(dir, 'console');
  try {
    const disks = failure.disks.map((make, i) => makeDisk(join(dir, `disk${i}`), make));
    const initramfs = failure.withoutInitramfs ? undefined : buildImage(dir, kernel, failure);
    const qemu = launch(
      ARCHES[kernel.arch].qemu,
      machineArgs(kernel, failure, { consoleFile, disks, initramfs }),
      // Plain pipes: what is written there is typed at QEMU's monitor.
      { stderrFile: join(dir, 'stderr'), terminal: { columns: 80, rows: 25 } },
    );
    await watch(qemu, failure, consoleFile);
    const bytes = existsSync(consoleFile) ? readFileSync(consoleFile) : Buffer.alloc(0);
    if (bytes.length === 0) throw new Error(`QEMU did not start: ${readFileSync(join(dir, 'stderr'), 'utf8')}`);
    return bytes;
  } finally {
    rmSync(dir, { recursive: true });
  }
}

async function watch(qemu: Launched, { monitor, seconds }: Failure, consoleFile: string): Promise<void> {
  let running = true;
  const ended = qemu.exited.finally(() => {
    running = false;
  });
  const deadline = performance.now() + seconds * 1000;
  let told = monitor.length === 0;
  while (running && performance.now() < deadline) {
    await Promise.race([ended, sleep(200)]);
    if (told || !existsSync(consoleFile) || !readFileSync(consoleFile).includes(MONITOR_CUE)) continue;
    told = true;
    for (const command of monitor) qemu.terminal?.write(`${command}\n`);
  }
  qemu.kill();
  await ended;
}

function makeDisk(file: string, command: string): string {
  runTool('env', [`DISK=${file}`, 'PATH=/usr/sbin:/usr/bin:/sbin:/bin', 'sh', '-ec', command], { cwd: SOURCE_DIR });
  return file;
}

function machineArgs(
  kernel: Kernel,
  failure: Failure,
  files: { consoleFile: string; disks: readonly string[]; initramfs: string | undefined },
): string[] {
  const arch = ARCHES[kernel.arch];
  const memory = Math.max(failure.memoryMiB, isSanitizer(kernel) ? 1536 : 0);
  return [
    ...['-nodefaults', '-no-user-config', '-display', 'none', ...arch.machine],
    ...['-accel', 'tcg,thread=multi', '-cpu', 'max', '-smp', '2', '-m', String(memory)],
    '-no-reboot',
    ...['-kernel', kernel.image, '-append', commandLine(kernel, failure)],
    ...(files.initramfs === undefined ? [] : ['-initrd', files.initramfs]),
    ...['-serial', `file:${files.consoleFile}`, '-monitor', 'stdio'],
    ...files.disks.flatMap((file, i) => ['-drive', `file=${file},format=raw,if=none,id=disk${i},cache=unsafe`]),
    ...(failure.machine.length > 0
      ? failure.machine
      : files.disks.flatMap((_, i) => ['-device', `virtio-blk-pci,drive=disk${i}`])),
  ];
}

/** Quiet until init says otherwise: a boot without a fault is not what is recorded. A busy host must not look like a hang of a slow kernel. */
export function commandLine(kernel: Kernel, { parameters }: Failure): string {
  const { console, kernelParameters } = ARCHES[kernel.arch];
  const fixed = kernelParameters.filter((word) => word !== 'unknown_nmi_panic');
  const patient = isSanitizer(kernel) ? ['nosoftlockup', 'rcupdate.rcu_cpu_stall_suppress=1'] : [];
  return [
    `console=${console}`,
    'quiet',
    'rdinit=/init',
    'panic=1',
    'sysrq_always_enabled',
    ...fixed,
    ...patient,
    ...parameters,
  ].join(' ');
}

/** The image of all failures that need the same, and before it an archive with the commands of this one (Documentation/driver-api/early-userspace/buffer-format.rst). */
function buildImage(dir: string, kernel: Kernel, { run, modules, programs }: Failure): string {
  const built = buildModules(kernel);
  const ownModules = ['breakage', 'twin', 'careless', 'ill-defined']
    .map((name) => join(dirname(built), `${name}.ko`))
    .filter((file) => existsSync(file));
  const image = buildInitramfs(
    kernel,
    [
      { path: 'init', from: join(SOURCE_DIR, 'init.sh') },
      ...ownModules.map((from) => ({ path: `broken/${basename(from)}`, from })),
      ...['mute-fuse', 'wild-program'].map((name) => ({ path: `bin/${name}`, from: buildProgram(kernel.arch, name) })),
      ...programs.flatMap(withLibraries),
    ],
    modules,
  );
  writeFileSync(join(dir, 'run.sh'), run);
  const commands = runTool('cpio', ['-o', '-H', 'newc', '--quiet', '-R', '0:0'], { cwd: dir, input: 'run.sh\n' });
  const both = join(dir, 'initramfs');
  writeFileSync(both, Buffer.concat([commands, readFileSync(image)]));
  return both;
}

/** The modules of `fixtures/guests/source`, whose reports name no folder of this machine. */
function buildModules(kernel: Kernel): string {
  const { buildDir = '', arch } = kernel;
  const target = [`ARCH=${ARCHES[arch].kernelArch}`, `CROSS_COMPILE=${toolPrefix(arch)}`];
  return buildCached(
    `breakage-${kernel.release}`,
    SOURCE_DIR,
    'breakage.ko',
    (dir) => {
      runTool('make', ['-s', '-C', buildDir, `M=${dir}`, ...target, `KCFLAGS=-ffile-prefix-map=${dir}=.`, 'modules']);
      for (const name of ['breakage', 'twin', 'careless'])
        runTool(`${toolPrefix(arch)}strip`, ['-g', join(dir, `${name}.ko`)]);
    },
    buildDir,
  );
}

function buildProgram(arch: ArchName, name: string): string {
  return buildCached(`${name}-${arch}`, SOURCE_DIR, name, (dir) => {
    runTool(`${toolPrefix(arch)}gcc`, ['-O1', '-static', '-o', join(dir, name), join(dir, `${name}.c`)]);
  });
}

/** A program where the guest looks for programs, and its libraries where the loader looks for them. */
function withLibraries(program: string): ImageFile[] {
  const libraries = [
    ...runTool('ldd', [program])
      .toString()
      .matchAll(/(?:=> )?(\/\S+) \(0x/g),
  ].map(([, path = '']) => ({ path: path.slice(1), from: realpathSync(path) }));
  return [{ path: `bin/${basename(program)}`, from: program }, ...libraries];
}
