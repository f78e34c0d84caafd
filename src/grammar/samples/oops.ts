import { type Sample, stack, under } from './sample.ts';

/** arch/x86/kernel/process_64.c __show_regs. */
const X86_64 = `RIP: 0010:vexfs_store+0x1a/0x40 [vexfs]
Code: 90 90 90 90 0f 1f 44 00 00 <c7> 04 25 08 00 00 00
RSP: 0018:ffffc90000123d90 EFLAGS: 00010246
RAX: 0000000000000000 RBX: ffff888003456000 RCX: 0000000000000000
FS:  00007f1234567740(0000) GS:ffff88807dc00000(0000) knlGS:0000000000000000
CS:  0010 DS: 0000 ES: 0000 CR0: 0000000080050033
CR2: 0000000000000008 CR3: 0000000004567000 CR4: 00000000000006f0
`;
const CPU = `CPU: 1 UID: 0 PID: 123 Comm: vexload Tainted: G           O       6.12.0 #1
`;
const TRACE = `Call Trace:
 <TASK>
${under('vexfs_write')
  .map((frame) => ` ${frame}`)
  .join('\n')}
 </TASK>
`;
const END = `Modules linked in: vexfs(O) loop
---[ end trace 0000000000000000 ]---
`;
const x86 = (header: string): string => `${header}\n${CPU}${X86_64}${TRACE}${END}`;

/** Oopses of x86: arch/x86/kernel/traps.c, arch/x86/kernel/dumpstack.c, arch/x86/mm/fault.c. */
export const OOPS_SAMPLES: readonly Sample[] = [
  {
    name: 'general protection, a freed pointer',
    from: 'arch/x86/kernel/traps.c exc_general_protection, mm/kasan/report.c kasan_non_canonical_hook',
    text: x86(
      `Oops: general protection fault, probably for non-canonical address 0xdffffc0000000001: 0000 [#1] PREEMPT SMP KASAN NOPTI
KASAN: null-ptr-deref in range [0x0000000000000008-0x000000000000000f]`,
    ),
    kind: 'general-protection',
    title: 'general protection fault in vexfs_store',
    details: {
      address: '0xdffffc0000000001',
      oops: { number: 1, errorCode: '0x0000', oopsFlags: ['PREEMPT', 'SMP', 'KASAN', 'NOPTI'] },
      kasanHint: { what: 'null-ptr-deref', from: '0x0000000000000008', to: '0x000000000000000f' },
      code: { bytes: '90 90 90 90 0f 1f 44 00 00 c7 04 25 08 00 00 00', width: 1, trap: 9 },
      registers: { RSP: '0xffffc90000123d90', CR2: '0x0000000000000008' },
    },
    roles: ['trap'],
  },
  {
    name: 'page fault, a write',
    from: 'arch/x86/mm/fault.c show_fault_oops',
    text: `BUG: unable to handle page fault for address: ffffdead00000010
#PF: supervisor write access in kernel mode
#PF: error_code(0x0002) - not-present page
PGD 1234067 P4D 1234067 PUD 0
Oops: Oops: 0002 [#1] PREEMPT SMP NOPTI
${CPU}${X86_64}${TRACE}${END}`,
    kind: 'paging-request',
    title: 'BUG: unable to handle kernel paging request in vexfs_store',
    details: {
      address: '0xffffdead00000010',
      access: 'write',
      privilege: 'supervisor',
      during: 'kernel',
      errorCode: '0x0002',
      reason: 'not-present page',
      pageTable: { pgd: '0x1234067', p4d: '0x1234067', pud: '0x0' },
    },
  },
  {
    name: 'divide error',
    from: 'arch/x86/kernel/traps.c exc_divide_error',
    text: x86('Oops: divide error: 0000 [#1] PREEMPT SMP NOPTI'),
    kind: 'divide-error',
    title: 'divide error in vexfs_store',
    details: { oops: { number: 1 }, trap: { fn: 'vexfs_store', module: 'vexfs' } },
  },
  {
    name: 'invalid opcode',
    from: 'arch/x86/kernel/traps.c handle_invalid_op',
    text: x86('Oops: invalid opcode: 0000 [#1] PREEMPT SMP NOPTI'),
    kind: 'invalid-opcode',
    title: 'invalid opcode in vexfs_store',
    details: { oops: { what: 'invalid opcode' } },
  },
  {
    name: 'stack segment',
    from: 'arch/x86/kernel/traps.c exc_stack_segment',
    text: x86('Oops: stack segment: 0000 [#1] PREEMPT SMP NOPTI'),
    kind: 'stack-segment',
    title: 'stack segment fault in vexfs_store',
    details: { oops: { what: 'stack segment' } },
  },
  {
    name: 'breakpoint',
    from: 'arch/x86/kernel/traps.c do_int3',
    text: x86('Oops: int3: 0000 [#1] PREEMPT SMP NOPTI'),
    kind: 'int3',
    title: 'int3 in vexfs_store',
    details: { oops: { what: 'int3' } },
  },
  {
    name: 'double fault',
    from: 'arch/x86/kernel/traps.c exc_double_fault',
    text: x86('traps: PANIC: double fault, error_code: 0x0'),
    kind: 'double-fault',
    title: 'PANIC: double fault in vexfs_store',
    details: { errorCode: '0x0' },
  },
  {
    name: 'guard page',
    from: 'arch/x86/kernel/traps.c handle_stack_overflow',
    text: `BUG: TASK stack guard page was hit at ffffc90000000ff8 (stack is ffffc90000001000..ffffc90000004fff)
Oops: stack guard page: 0000 [#1] PREEMPT SMP NOPTI
${CPU}${X86_64}${TRACE}${END}Kernel panic - not syncing: Fatal exception in interrupt
`,
    kind: 'stack-overflow',
    title: 'BUG: stack guard page was hit in vexfs_write',
    details: {
      stackName: 'TASK',
      address: '0xffffc90000000ff8',
      stackStart: '0xffffc90000001000',
      stackEnd: '0xffffc90000004fff',
      echoes: ['Kernel panic - not syncing: Fatal exception in interrupt'],
    },
  },
  {
    name: 'i386',
    from: 'arch/x86/kernel/process_32.c __show_regs',
    text: `BUG: kernel NULL pointer dereference, address: 00000008
#PF: supervisor read access in kernel mode
#PF: error_code(0x0000) - not-present page
*pde = 00000000
Oops: Oops: 0000 [#1] PREEMPT SMP
CPU: 0 UID: 0 PID: 80 Comm: sh Tainted: G           O       6.12.0 #1
EIP: vexfs_store+0x1a/0x40 [vexfs]
Code: 90 90 90 90 <8b> 40 08 c3
EAX: 00000000 EBX: c1234000 ECX: 00000000 EDX: 00000001
ESI: c1234000 EDI: 00000000 EBP: c1235f00 ESP: c1235ef8
DS: 007b ES: 007b FS: 00d8 GS: 0000 SS: 0068 EFLAGS: 00010246
CR0: 80050033 CR2: 00000008 CR3: 01234000 CR4: 000006d0
Call Trace:
 vexfs_write+0x55/0x80 [vexfs]
 vfs_write+0xf0/0x420
 ksys_write+0x6d/0xf0
 __ia32_sys_write+0x15/0x20
 do_int80_syscall_32+0x72/0x90
 entry_INT80_32+0xf0/0xf0
EIP: 0xb7f12345
${END}`,
    kind: 'null-deref',
    title: 'BUG: unable to handle kernel NULL pointer dereference in vexfs_store',
    details: {
      access: 'read',
      address: '0x00000008',
      registers: { EAX: '0x00000000', EBX: '0xc1234000', CR2: '0x00000008', EFLAGS: '0x00010246' },
      code: { trap: 4, width: 1 },
    },
    roles: ['trap'],
  },
  {
    name: 'BUG without a box',
    from: 'arch/x86/kernel/traps.c do_error_trap, lib/bug.c report_bug',
    text: `kernel BUG at fs/vexfs/inode.c:42!
Oops: invalid opcode: 0000 [#1] PREEMPT SMP NOPTI
${CPU}${X86_64}${TRACE}${END}`,
    kind: 'bug',
    title: 'kernel BUG in vexfs_store',
    details: { where: 'fs/vexfs/inode.c:42', oops: { number: 1 } },
  },
  {
    name: 'WARNING of 2025 and later, with its condition',
    from: 'kernel/panic.c __warn',
    text: `------------[ cut here ]------------
WARNING: [extent->start > extent->end] fs/vexfs/extent.c:61 at vexfs_insert_extent+0x20/0x30 [vexfs], CPU#1: cp/149
${stack(under('vexfs_insert_extent')).replace('Call Trace', 'RIP: 0010:vexfs_insert_extent+0x20/0x30 [vexfs]\nCall Trace')}${END}`,
    kind: 'warning',
    title: 'WARNING in vexfs_insert_extent',
    details: { where: 'fs/vexfs/extent.c:61', condition: 'extent->start > extent->end' },
  },
  {
    name: 'panic with its message',
    from: 'kernel/panic.c panic',
    text: `Kernel panic - not syncing: VFS: Unable to mount root fs on unknown-block(0,0)
${stack(['panic+0x118/0x2f4', 'mount_root_generic+0x1a0/0x2a0', 'prepare_namespace+0x69/0x280'])}Kernel Offset: disabled
---[ end Kernel panic - not syncing: VFS: Unable to mount root fs on unknown-block(0,0) ]---
`,
    kind: 'panic',
    title: 'kernel panic: VFS: Unable to mount root fs on unknown-block(NUM,NUM)',
    details: { message: 'VFS: Unable to mount root fs on unknown-block(0,0)' },
  },
  {
    name: 'init dies',
    from: 'kernel/exit.c do_exit',
    text: `Kernel panic - not syncing: Attempted to kill init! exitcode=0x0000000b
${stack(['panic+0x118/0x2f4', 'do_exit+0x9a0/0xac0', 'do_group_exit+0x2d/0x90'])}---[ end Kernel panic - not syncing: Attempted to kill init! exitcode=0x0000000b ]---
`,
    kind: 'panic',
    title: 'kernel panic: Attempted to kill init!',
    details: { exitCode: '0x0000000b' },
  },
  {
    name: 'stack protector',
    from: 'kernel/panic.c __stack_chk_fail',
    text: `Kernel panic - not syncing: stack-protector: Kernel stack is corrupted in: vexfs_write+0x1a/0x40 [vexfs]
${stack(under('vexfs_write'))}---[ end Kernel panic - not syncing: stack-protector: Kernel stack is corrupted in: vexfs_write+0x1a/0x40 [vexfs] ]---
`,
    kind: 'stack-corruption',
    title: 'kernel panic: stack is corrupted in vexfs_write',
    details: {},
  },
  {
    name: 'Rust panic',
    from: 'rust/kernel/lib.rs panic',
    text: `rust_kernel: panicked at fs/vexfs/lib.rs:12:9:
index out of bounds: the len is 4 but the index is 4
------------[ cut here ]------------
kernel BUG at rust/helpers/bug.c:7!
Oops: invalid opcode: 0000 [#1] PREEMPT SMP NOPTI
${CPU}RIP: 0010:rust_helper_BUG+0x8/0x10
${TRACE}${END}`,
    kind: 'rust-panic',
    title: 'index out of bounds: the len is NUM but the index is NUM in vexfs_write',
    details: { where: 'fs/vexfs/lib.rs:12:9', message: 'index out of bounds: the len is 4 but the index is 4' },
  },
];
