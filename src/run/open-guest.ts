import { chooseAccelerator } from '../guest/accelerator.ts';
import { buildVexcheck } from '../guest/check-program.ts';
import { filesystemPrograms, withOwnMkfs } from '../guest/filesystem-programs.ts';
import { buildInitramfs, buildLeakProbe, type ImageFile } from '../guest/image.ts';
import { findKernel, isSanitizer, type Kernel } from '../guest/kernel.ts';
import { buildVexfs, buildVexload, buildVexpoint, type ModuleUnderTest, userModule } from '../guest/module.ts';
import { QemuGuest } from '../guest/qemu/guest.ts';
import type { TerminalOptions } from '../guest/qemu/launch.ts';
import { sweep } from '../guest/run-dir.ts';
import type { ScratchDiskOptions } from '../guest/scratch-disk.ts';
import { sweepCache } from '../guest/sweep-cache.ts';
import { buildToolsImage } from '../guest/tools-image.ts';
import type { Accelerator } from '../model/guest.ts';
import type { NetworkKind } from '../model/network.ts';
import { GUEST_PATHS } from './prepare.ts';

export interface GuestOptions {
  readonly id: string;
  readonly kernel: string;
  readonly accelerator?: Accelerator;
  readonly cpus: number;
  readonly memoryMiB?: number;
  readonly modulePath?: string;
  readonly fstype?: string;
  readonly params?: string;
  readonly scratch?: ScratchDiskOptions;
  /** The disk can be made to fail below its file system. */
  readonly breakable?: boolean;
  /** Absent: none. */
  readonly network?: NetworkKind;
  /** Without the disk that holds bpftrace and trace-cmd. */
  readonly withoutTools?: boolean;
  /** With the program that does one operation with a failing call. */
  readonly points?: boolean;
  /** With the program that watches what the module allocates. */
  readonly leaks?: boolean;
  /** A shell on the console, for a person. */
  readonly terminal?: TerminalOptions;
  /** It will run on without us. */
  readonly detached?: boolean;
  readonly signal?: AbortSignal;
  readonly progress: (message: string) => void;
}

export interface OpenedGuest {
  readonly guest: QemuGuest;
  readonly kernel: Kernel;
  readonly module: ModuleUnderTest;
  readonly hasTools: boolean;
}

export interface BuiltGuest {
  readonly kernel: Kernel;
  readonly module: ModuleUnderTest;
  readonly initramfs: string;
  readonly tools?: string;
}

/** Disks are named in the order of the command line, the tools first. */
function diskOf(tools: string | undefined): string {
  return tools === undefined ? '/dev/vda' : '/dev/vdb';
}

/** The module and images of a guest, made where they are not there yet. */
export function buildGuest(
  options: Pick<
    GuestOptions,
    | 'kernel'
    | 'modulePath'
    | 'fstype'
    | 'params'
    | 'scratch'
    | 'breakable'
    | 'withoutTools'
    | 'leaks'
    | 'points'
    | 'network'
  >,
): BuiltGuest {
  const kernel = findKernel(options.kernel);
  const tools = options.withoutTools ? undefined : buildToolsImage(kernel.arch);
  const device =
    options.scratch === undefined ? undefined : options.breakable ? GUEST_PATHS.breakableDisk : diskOf(tools);
  const module =
    options.modulePath === undefined
      ? buildVexfs(kernel, device)
      : userModule(options.modulePath, options.fstype, options.params ?? '', device);
  const hasNetwork = (options.network ?? 'none') !== 'none';
  const files: ImageFile[] = [
    { path: `${GUEST_PATHS.module.slice(1)}/${module.name}.ko`, from: module.file },
    buildVexload(kernel.arch),
    buildVexcheck(kernel.arch),
    ...(options.modulePath === undefined ? filesystemPrograms(kernel.arch) : []),
    ...(options.points ? [buildVexpoint(kernel.arch)] : []),
    ...(options.leaks ? [buildLeakProbe(kernel.arch)] : []),
  ];
  return {
    kernel,
    module,
    initramfs: buildInitramfs(kernel, files, [...module.needs, ...(hasNetwork ? ['virtio_net'] : [])]),
    ...(tools !== undefined && { tools }),
  };
}

/** Everything from a kernel's name to a guest whose agent answers: module, images, accelerator, boot. */
export async function openGuest(
  options: GuestOptions,
  onStart: (guest: QemuGuest, kernel: Kernel) => void,
): Promise<OpenedGuest> {
  const { progress } = options;
  for (const id of sweep()) progress(`removed what was left of guest ${id}`);
  for (const path of sweepCache()) progress(`removed ${path}, half made by a run that was ended`);
  const { kernel, module, initramfs, tools } = buildGuest(options);
  const accelerator = options.accelerator ?? (await chooseAccelerator(kernel, progress));
  const slow = isSanitizer(kernel);
  const scratch =
    options.scratch === undefined || options.modulePath !== undefined ? options.scratch : withOwnMkfs(options.scratch);
  progress(`booting ${kernel.release} (${kernel.name}, ${accelerator})`);
  const guest = await QemuGuest.boot(
    {
      id: options.id,
      kernel,
      initramfs,
      accelerator,
      cpus: options.cpus,
      memoryMiB: options.memoryMiB ?? (slow ? 1536 : 768),
      bootTimeoutMs: slow ? 180_000 : 60_000,
      ...(tools !== undefined && { toolsImage: tools }),
      ...(options.network !== undefined && { network: options.network }),
      ...(scratch !== undefined && { scratch }),
      ...(options.breakable && scratch !== undefined && { kernelParameters: [`guest_breakable=${diskOf(tools)}`] }),
      ...(options.terminal !== undefined && { terminal: options.terminal }),
      ...(options.detached !== undefined && { detached: options.detached }),
      ...(options.signal !== undefined && { signal: options.signal }),
    },
    (guest) => onStart(guest, kernel),
  );
  return { guest, kernel, module, hasTools: tools !== undefined };
}
