import { join } from 'node:path';
import type { Stream } from '../../model/chunk.ts';
import type { Accelerator } from '../../model/guest.ts';
import type { NetworkKind } from '../../model/network.ts';
import { ARCHES } from '../arch.ts';
import { isSanitizer, type Kernel } from '../kernel.ts';
import { keepsLastWords, LAST_WORDS_PARAMETERS } from '../last-words.ts';
import type { TerminalOptions } from './launch.ts';
import { sandboxArgs } from './sandbox.ts';

export interface MachineOptions {
  readonly kernel: Kernel;
  readonly initramfs: string;
  readonly accelerator: Accelerator;
  readonly cpus: number;
  readonly memoryMiB: number;
  /** Read-only ext4 with the probe tools; always the first disk. */
  readonly toolsImage?: string;
  /** Scratch disk of the module under test; always behind the tools. */
  readonly disk?: string;
  /** Absent: none. */
  readonly network?: NetworkKind;
  readonly kernelParameters?: readonly string[];
  /** The console is the terminal that QEMU runs on, and the guest has a shell there. */
  readonly terminal?: TerminalOptions;
}

/** Each stream has a virtio port of its own, so that none can hold up or garble another. */
export const PORTS = {
  control: 'vexfs.control',
  ftrace: 'vexfs.ftrace',
  bpftrace: 'vexfs.bpftrace',
} as const satisfies Partial<Record<Stream, string>>;

export const FILES = {
  qmp: 'qmp.sock',
  console: 'console.sock',
  consoleLog: 'console.raw',
  snapshots: 'snapshots.qcow2',
} as const;

/** Socket file of a port in a guest's runtime folder. */
export function portFile(port: keyof typeof PORTS): string {
  return `${port}.sock`;
}

/** QEMU's name of a port's device. */
export function portDevice(port: keyof typeof PORTS): string {
  return `port-${port}`;
}

/**
 * The whole command line. The console's raw bytes come from the chardev log: a reader that falls behind cannot hold up
 * the guest or lose a byte. A panic or shutdown leaves QEMU running, so that the state can be looked at and restored.
 */
export function machineArgs(dir: string, options: MachineOptions): string[] {
  const arch = ARCHES[options.kernel.arch];
  const socket = (id: string, file: string) => `socket,id=${id},path=${join(dir, file)},server=on,wait=off`;
  return [
    ...['-nodefaults', '-no-user-config', '-display', 'none', ...sandboxArgs(arch.qemu), ...arch.machine],
    ...[
      '-accel',
      options.accelerator === 'tcg' ? 'tcg,thread=multi' : 'kvm',
      '-cpu',
      options.accelerator === 'tcg' ? 'max' : 'host',
    ],
    ...['-smp', String(options.cpus), '-m', String(options.memoryMiB)],
    ...['-action', 'panic=none,reboot=shutdown,shutdown=pause'],
    ...['-kernel', options.kernel.image, '-initrd', options.initramfs, '-append', kernelCommandLine(options)],
    ...[
      '-chardev',
      `${options.terminal === undefined ? socket('console', FILES.console) : TERMINAL},logfile=${join(dir, FILES.consoleLog)},logappend=on`,
      '-serial',
      'chardev:console',
    ],
    ...['-chardev', socket('qmp', FILES.qmp), '-mon', 'chardev=qmp,mode=control'],
    ...['-device', 'virtio-serial-pci,id=ports,max_ports=8', '-device', 'virtio-rng-pci', '-device', 'pvpanic-pci'],
    ...Object.entries(PORTS).flatMap(([port, name]) => [
      ...['-chardev', socket(port, portFile(port as keyof typeof PORTS))],
      ...['-device', `virtserialport,id=${portDevice(port as keyof typeof PORTS)},chardev=${port},name=${name}`],
    ]),
    ...arch.dumpDevices.flatMap((device) => ['-device', device]),
    ...['-blockdev', `driver=qcow2,node-name=snapshots,file.driver=file,file.filename=${join(dir, FILES.snapshots)}`],
    ...NETWORK_ARGS[options.network ?? 'none'],
    ...(options.toolsImage === undefined ? [] : disk('tools', options.toolsImage, 'raw', true)),
    ...(options.disk === undefined ? [] : disk('scratch', options.disk, 'qcow2', false)),
  ];
}

/** A restricted network answers DHCP and nothing else: no packet leaves the guest, none comes in (qemu(1), -netdev user). */
const NETWORK_ARGS: Readonly<Record<NetworkKind, readonly string[]>> = {
  none: [],
  restricted: ['-netdev', 'user,id=net,restrict=on', '-device', 'virtio-net-pci,netdev=net'],
  user: ['-netdev', 'user,id=net', '-device', 'virtio-net-pci,netdev=net'],
};

/** Ctrl-C and the like are for the guest. */
const TERMINAL = 'stdio,id=console,signal=off';

function disk(node: string, file: string, driver: string, readOnly: boolean): string[] {
  const name = file.replaceAll(',', ',,');
  return [
    ...[
      '-blockdev',
      `driver=${driver},node-name=${node},read-only=${readOnly ? 'on' : 'off'},file.driver=file,file.filename=${name}`,
    ],
    ...['-device', `virtio-blk-pci,drive=${node}`],
  ];
}

function kernelCommandLine(options: MachineOptions): string {
  const arch = ARCHES[options.kernel.arch];
  return [
    ...[
      `console=${arch.console}`,
      'rdinit=/init',
      'panic=0',
      'log_buf_len=4M',
      'printk.time=1',
      'sysrq_always_enabled',
    ],
    ...arch.kernelParameters,
    ...(arch.reservesMemory && keepsLastWords(options.memoryMiB) ? LAST_WORDS_PARAMETERS : []),
    // Detectors that fire once would leave the second crash of a run unseen.
    'kasan_multi_shot',
    // Poison and red zones for the caches that modules use: a stock kernel then sees heap corruption, too. A sanitizer
    // kernel sees it without, and would take minutes longer to boot.
    ...(isSanitizer(options.kernel) ? [] : ['slub_debug=FZPU,kmalloc-*']),
    ...(options.toolsImage === undefined ? [] : ['guest_tools=/dev/vda']),
    ...(options.terminal === undefined ? [] : ['guest_shell=1']),
    ...((options.network ?? 'none') === 'none' ? [] : ['guest_net=1']),
    ...(options.kernelParameters ?? []),
  ].join(' ');
}
