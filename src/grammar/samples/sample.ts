import type { Kind } from '../../model/kinds.ts';

/** A report put together from the format strings of the kernel, for what no recording of ours shows. */
export interface Sample {
  readonly name: string;
  /** Source file and function of the kernel that print it. */
  readonly from: string;
  readonly text: string;
  readonly kind: Kind;
  readonly title: string;
  /** What its details must hold, among others. */
  readonly details: Readonly<Record<string, unknown>>;
  /** Roles of its stacks, where it has any. */
  readonly roles?: readonly string[];
}

/** The lines that lib/dump_stack.c prints around a stack. */
export function stack(frames: readonly string[], cpu = 1): string {
  return `CPU: ${cpu} UID: 0 PID: 123 Comm: vexload Tainted: G           O       6.12.0 #1
Tainted: [O]=OOT_MODULE
Hardware name: QEMU Standard PC (Q35 + ICH9, 2009), BIOS 1.16.3
Call Trace:
 <TASK>
${frames.map((frame) => ` ${frame}`).join('\n')}
 </TASK>
`;
}

/** Frames of a function below a write. */
export function under(...names: readonly string[]): readonly string[] {
  return [
    ...names.map((name) => `${name}+0x1a/0x40 [vexfs]`),
    'vfs_write+0xf0/0x420',
    'ksys_write+0x6d/0xf0',
    'do_syscall_64+0x9e/0x1a0',
    'entry_SYSCALL_64_after_hwframe+0x77/0x7f',
  ];
}
