import { type Sample, stack, under } from './sample.ts';

const END = `---[ end trace 0000000000000000 ]---
`;

const RISCV = `Modules linked in: vexfs(O)
CPU: 0 UID: 0 PID: 80 Comm: sh Tainted: G           O       6.12.0 #1
Hardware name: riscv-virtio,qemu (DT)
epc : vexfs_store+0x1a/0x40 [vexfs]
 ra : vexfs_write+0x54/0x80 [vexfs]
epc : ffffffff01802034 ra : ffffffff01802100 sp : ff2000000069bd00
status: 0000000200000120 badaddr: 0000000000000000 cause: 0000000000000002
[<ffffffff01802034>] vexfs_store+0x1a/0x40 [vexfs]
[<ffffffff01802100>] vexfs_write+0x54/0x80 [vexfs]
[<ffffffff8021f3a4>] vfs_write+0xc8/0x370
[<ffffffff8021f7c0>] ksys_write+0x6c/0x100
${END}`;

/** Reports of architectures that say what went wrong in the line with the counter of oopses, and those whose first line is lost. */
export const COUNTED_SAMPLES: readonly Sample[] = [
  {
    name: 'riscv, an instruction that there is not',
    from: 'arch/riscv/kernel/traps.c do_trap_insn_illegal, die',
    text: `Oops - illegal instruction [#1]
${RISCV}`,
    kind: 'invalid-opcode',
    title: 'illegal instruction in vexfs_store',
    details: { what: 'illegal instruction' },
  },
  {
    name: 'riscv, a BUG',
    from: 'lib/bug.c __report_bug, arch/riscv/kernel/traps.c handle_break',
    text: `------------[ cut here ]------------
kernel BUG at fs/vexfs/inode.c:12!
Kernel BUG [#1]
${RISCV}`,
    kind: 'bug',
    title: 'kernel BUG in vexfs_store',
    details: { where: 'fs/vexfs/inode.c:12' },
  },
  {
    name: 's390, an instruction that there is not',
    from: 'arch/s390/kernel/dumpstack.c die, arch/s390/kernel/traps.c illegal_op',
    text: `illegal operation: 0001 ilc:1 [#1] SMP
Modules linked in: vexfs(O)
CPU: 0 UID: 0 PID: 80 Comm: sh Tainted: G           O       6.12.0 #1
Hardware name: QEMU 8561 QEMU (KVM/Linux)
Krnl PSW : 0704c00180000000 000003ff80012345 (vexfs_store+0x1a/0x40 [vexfs])
           R:0 T:1 IO:1 EX:1 Key:0 M:1 W:0 P:0 AS:3 CC:0 PM:0 RI:0 EA:3
Call Trace:
 [<000003ff80012345>] vexfs_store+0x1a/0x40 [vexfs]
 [<000003ff80012400>] vexfs_write+0x54/0x80 [vexfs]
 [<00000000003f1234>] vfs_write+0xc8/0x370
Last Breaking-Event-Address:
 [<000003ff80012340>] vexfs_store+0x14/0x40 [vexfs]
${END}`,
    kind: 'invalid-opcode',
    title: 'illegal operation in vexfs_store',
    details: { what: 'illegal operation', errorCode: '0x0001' },
  },
  {
    name: 'powerpc, a jump to nowhere',
    from: 'arch/powerpc/mm/fault.c bad_page_fault, arch/powerpc/kernel/traps.c __die',
    text: `BUG: Unable to handle kernel instruction fetch (NULL pointer?)
Faulting instruction address: 0x00000000
Oops: Kernel access of bad area, sig: 11 [#1]
LE PAGE_SIZE=64K MMU=Radix SMP NR_CPUS=2048 NUMA pSeries
Modules linked in: vexfs(O)
CPU: 0 UID: 0 PID: 80 Comm: sh Tainted: G           O       6.12.0 #1
NIP:  0000000000000000 LR: c0080000012300d4 CTR: 0000000000000000
LR [c0080000012300d4] vexfs_write+0x54/0x80 [vexfs]
Call Trace:
[c000000003f7bc10] [c0080000012300d4] vexfs_write+0x54/0x80 [vexfs]
[c000000003f7bc80] [c0000000004f1234] vfs_write+0xc8/0x370
[c000000003f7bcd0] [c0000000004f1700] ksys_write+0x6c/0x100
${END}`,
    kind: 'paging-request',
    title: 'BUG: unable to handle kernel instruction fetch in vexfs_write',
    details: { what: 'instruction fetch' },
  },
  {
    name: 'loongarch',
    from: 'arch/loongarch/mm/fault.c no_context, arch/loongarch/kernel/traps.c die',
    text: `CPU 0 Unable to handle kernel paging request at virtual address 0000000000000008, era == ffff800002034000, ra == ffff800002034100
Oops[#1]:
CPU: 0 UID: 0 PID: 80 Comm: sh Tainted: G           O       6.12.0 #1
pc ffff800002034000 ra ffff800002034100 tp 9000000101234000 sp 9000000101237d00
   ra: ffff800002034100 vexfs_write+0x54/0x80 [vexfs]
  ERA: ffff800002034000 vexfs_store+0x1a/0x40 [vexfs]
Call Trace:
[<ffff800002034000>] vexfs_store+0x1a/0x40 [vexfs]
[<ffff800002034100>] vexfs_write+0x54/0x80 [vexfs]
[<90000000003f1234>] vfs_write+0xc8/0x370
${END}`,
    kind: 'paging-request',
    title: 'BUG: unable to handle kernel paging request in vexfs_store',
    details: {},
  },
  {
    name: 'the line with the counter, and none before it',
    from: 'arch/x86/kernel/dumpstack.c __die',
    text: `Oops: 0002 [#1] PREEMPT SMP NOPTI
${stack(under('vexfs_store'))}${END}`,
    kind: 'internal-error',
    title: 'Oops in vexfs_store',
    details: { errorCode: '0x0002' },
  },
  {
    name: 'a stack that is full, before there were pages between stacks',
    from: 'arch/x86/mm/fault.c no_context of 5.10',
    text: `kernel stack overflow (page fault): 0000 [#1] SMP
CPU: 1 PID: 123 Comm: vexload Tainted: G           O      5.10.0 #1
RIP: 0010:vexfs_recurse+0x10/0x40 [vexfs]
Call Trace:
 vexfs_recurse+0x20/0x40 [vexfs]
 vexfs_write+0x1a/0x40 [vexfs]
 vfs_write+0xf0/0x420
 do_syscall_64+0x9e/0x1a0
${END}`,
    kind: 'stack-overflow',
    title: 'kernel stack overflow in vexfs_write',
    details: { errorCode: '0x0000' },
  },
  {
    name: 'powerpc, hard lockup',
    from: 'arch/powerpc/kernel/watchdog.c DEFINE_INTERRUPT_HANDLER_NMI(soft_nmi_interrupt)',
    text: `watchdog: CPU 1 self-detected hard LOCKUP @ vexfs_spin+0x1a/0x40 [vexfs]
watchdog: CPU 1 TB:1234567890, last heartbeat TB:1234500000 (16000ms ago)
Modules linked in: vexfs(O)
CPU: 1 UID: 0 PID: 80 Comm: sh Tainted: G           O       6.12.0 #1
NIP:  c008000001230034 LR: c0080000012300d4 CTR: 0000000000000000
NIP [c008000001230034] vexfs_spin+0x1a/0x40 [vexfs]
LR [c0080000012300d4] vexfs_ioctl+0x54/0x80 [vexfs]
Call Trace:
[c000000003f7bc10] [c0080000012300d4] vexfs_ioctl+0x54/0x80 [vexfs]
[c000000003f7bc80] [c0000000004f1234] vfs_ioctl+0x38/0x70
[c000000003f7bcd0] [c0000000004f1700] sys_ioctl+0x6c/0x100
`,
    kind: 'hard-lockup',
    title: 'hard lockup in vexfs_ioctl',
    details: {},
  },
  {
    name: 'RCU of tasks',
    from: 'kernel/rcu/tasks.h check_all_holdout_tasks_trace',
    text: `INFO: rcu_tasks_trace detected stalls on tasks:
P80: .... nesting: 1N cpu: 1
task:sh              state:D stack:0     pid:80    tgid:80    ppid:1      flags:0x00004002
Call Trace:
 <TASK>
 __schedule+0x3f1/0xaa0
 schedule+0x29/0xc0
 vexfs_wait+0x1a/0x40 [vexfs]
 vexfs_ioctl+0x1a/0x40 [vexfs]
 __x64_sys_ioctl+0x8b/0xc0
 </TASK>
`,
    kind: 'rcu-stall',
    title: 'INFO: rcu detected stall in vexfs_ioctl',
    details: { flavour: 'rcu_tasks_trace' },
  },
  {
    name: 'a lock that interrupts take, before 4.11',
    from: 'kernel/locking/lockdep.c print_bad_irq_dependency of 4.9',
    text: `======================================================
[ INFO: HARDIRQ-safe -> HARDIRQ-unsafe lock order detected ]
4.9.0 #1 Tainted: G           O
------------------------------------------------------
sh/80 [HC0[0]:SC0[0]:HE0:SE1] is trying to acquire:
 (&(&sbi->count)->rlock){+.+...}, at: [<ffffffffa0000034>] vexfs_take_b+0x1a/0x40 [vexfs]

and this task is already holding:
 (&(&sbi->map)->rlock){-.-...}, at: [<ffffffffa0000100>] vexfs_take_a+0x1a/0x40 [vexfs]

stack backtrace:
CPU: 1 PID: 80 Comm: sh Tainted: G           O    4.9.0 #1
Call Trace:
 [<ffffffff81234567>] dump_stack+0x67/0x90
 [<ffffffffa0000034>] vexfs_take_b+0x1a/0x40 [vexfs]
 [<ffffffff81201234>] vfs_write+0xf0/0x420
`,
    kind: 'lockdep-unsafe-order',
    title: 'possible deadlock in vexfs_take_b',
    details: {},
  },
];
