import { type Sample, stack, under } from './sample.ts';

const END = '---[ end trace 0000000000000000 ]---\n';
const ARM64 = `CPU: 0 UID: 0 PID: 80 Comm: sh Tainted: G           O       6.12.0 #1
pc : vexfs_store+0x1c/0x40 [vexfs]
lr : vexfs_write+0x54/0x80 [vexfs]
Call trace:
 vexfs_store+0x1c/0x40 [vexfs]
 vexfs_write+0x54/0x80 [vexfs]
 vfs_write+0xc8/0x370
 invoke_syscall+0x48/0x110
Code: d503201f d2800100 52800021 (f9000001)
${END}`;
const ARM = `CPU: 0 UID: 0 PID: 80 Comm: sh Tainted: G           O       6.12.0 #1
PC is at vexfs_store+0x10/0x20 [vexfs]
LR is at vexfs_write+0x54/0x80 [vexfs]
Call trace:
 vexfs_store [vexfs] from vexfs_write+0x54/0x80 [vexfs]
 vexfs_write [vexfs] from vfs_write+0xf0/0x420
 vfs_write from ksys_write+0x6d/0xf0
${END}`;

const boxed = (header: string, fn: string): string => `------------[ cut here ]------------
${header}
Modules linked in: vexfs(O)
${stack(under(fn)).replace('Call Trace', `RIP: 0010:${header.split(' ').at(-1)}\nCall Trace`)}${END}`;

/** What is rare. */
export const OTHER_SAMPLES: readonly Sample[] = [
  {
    name: 'arm64, memory of a program',
    from: 'arch/arm64/mm/fault.c do_page_fault, die_kernel_fault',
    text: `Unable to handle kernel access to user memory outside uaccess routines at virtual address 0000007fb0123456
Internal error: Oops: 0000000096000005 [#1] PREEMPT SMP
${ARM64}`,
    kind: 'user-memory-access',
    title: 'BUG: unable to handle kernel access to user memory in vexfs_store',
    details: { address: '0x0000007fb0123456', oops: { errorCode: '0x0000000096000005' } },
  },
  {
    name: 'arm64, an external abort',
    from: 'arch/arm64/mm/fault.c do_sea, arch/arm64/kernel/traps.c die',
    text: `Internal error: synchronous external abort: 0000000096000410 [#1] PREEMPT SMP
${ARM64}`,
    kind: 'internal-error',
    title: 'Internal error in vexfs_store',
    details: { what: 'synchronous external abort' },
  },
  {
    name: 'arm, a fault that nobody handles',
    from: 'arch/arm/mm/fault.c do_DataAbort, before 5.5',
    text: `Unhandled fault: page domain fault (0x01b) at 0x20000040
pgd = 12345678
[20000040] *pgd=00000000
Internal error: : 1b [#1] PREEMPT SMP ARM
${ARM}`,
    kind: 'unhandled-fault',
    title: 'Unhandled fault in vexfs_store',
    details: {
      what: 'page domain fault',
      faultStatus: '0x01b',
      address: '0x20000040',
      pageTable: { pgd: '0x12345678' },
    },
  },
  {
    name: 'arm, alignment',
    from: 'arch/arm/mm/alignment.c do_alignment',
    text: `Alignment trap: not handling instruction e1913f9f at [<bf000010>]
Unhandled fault: alignment exception (0x001) at 0x20000041
Internal error: : 1 [#1] SMP ARM
${ARM}`,
    kind: 'alignment-trap',
    title: 'Alignment trap in vexfs_store',
    details: {},
  },
  {
    name: 'a directory entry that stays',
    from: 'fs/dcache.c umount_check',
    text: `BUG: Dentry 00000000abcdef12{i=12,n=a.txt}  still in use (1) [unmount of vexfs vda]
${stack(['dump_stack_lvl+0x53/0x70', 'umount_check+0x5d/0x70', 'd_walk+0xf5/0x2a0', 'shrink_dcache_for_umount+0x5e/0x120'])}`,
    kind: 'bug-other',
    title: 'BUG: Dentry still in use in unmount',
    details: {},
  },
  {
    name: 'a stack that cannot be walked',
    from: 'arch/x86/kernel/unwind_frame.c unwind_next_frame',
    text: "WARNING: kernel stack regs at ffffc90000123d90 in sh:12 has bad 'bp' value ffffc90000123e00\n",
    kind: 'warning-other',
    title: "WARNING: kernel stack regs has bad 'bp' value",
    details: { register: 'bp' },
  },
  {
    name: 'a CPU number that may change',
    from: 'lib/smp_processor_id.c check_preemption_disabled',
    text: `BUG: using smp_processor_id() in preemptible [00000000] code: vexload/123
caller is vexfs_count+0x10/0x20 [vexfs]
${stack(['dump_stack_lvl+0x53/0x70', 'check_preemption_disabled+0xdd/0xe0', ...under('vexfs_count')])}`,
    kind: 'preemptible-use',
    title: 'BUG: using smp_processor_id() in preemptible code in vexfs_count',
    details: { caller: 'vexfs_count' },
  },
  {
    name: 'kobject',
    from: 'lib/kobject.c kobject_get',
    text: boxed('WARNING: CPU: 1 PID: 123 at lib/kobject.c:641 kobject_get+0x60/0x80', 'vexfs_sysfs'),
    kind: 'kobject',
    title: 'WARNING: kobject bug in vexfs_sysfs',
    details: { where: 'lib/kobject.c:641' },
  },
  {
    name: 'KASAN, of a kind that is not known',
    from: 'mm/kasan/report_generic.c get_shadow_bug_type',
    text: `==================================================================
BUG: KASAN: unknown-crash in vexfs_read+0x10/0x20 [vexfs]
Read of size 8 at addr ffff888003456010 by task vexload/123

${stack(['dump_stack_lvl+0x53/0x70', 'kasan_report+0xce/0x100', ...under('vexfs_read')])}==================================================================
`,
    kind: 'kasan-other',
    title: 'KASAN: unknown-crash Read in vexfs_read',
    details: { what: 'unknown-crash' },
  },
  {
    name: 'KMSAN, freed memory',
    from: 'mm/kmsan/report.c kmsan_report',
    text: `=====================================================
BUG: KMSAN: use-after-free in vexfs_read+0x10/0x20 [vexfs]
 vexfs_read+0x10/0x20 [vexfs]
 vfs_read+0xf0/0x420

Uninit was created at:
 kmem_cache_free+0x10/0x20
 vexfs_drop+0x10/0x20 [vexfs]

CPU: 1 UID: 0 PID: 123 Comm: vexload Tainted: G    B      O       6.12.0 #1
=====================================================
`,
    kind: 'kmsan-other',
    title: 'KMSAN: use-after-free in vexfs_read',
    details: { what: 'use-after-free' },
    roles: ['access', 'origin'],
  },
  {
    name: 'a lock that was never made',
    from: 'kernel/locking/lockdep.c register_lock_class',
    text: `INFO: trying to register non-static key.
The code is fine but needs lockdep annotation, or maybe
you didn't initialize this object before use?
turning off the locking correctness validator.
${stack(['dump_stack_lvl+0x53/0x70', 'register_lock_class+0x3f6/0x5a0', '__lock_acquire+0x60/0x2100', 'lock_acquire+0xd1/0x2f0', ...under('vexfs_take_a')])}`,
    kind: 'lockdep-non-static-key',
    title: 'INFO: trying to register non-static key in vexfs_take_a',
    details: {},
    roles: ['task'],
  },
  {
    name: 'a lock that lockdep does not know',
    from: 'kernel/locking/lockdep.c lock_release',
    text: boxed('WARNING: CPU: 1 PID: 123 at kernel/locking/lockdep.c:5349 lock_release+0x1f0/0x2f0', 'vexfs_drop_a'),
    kind: 'lockdep-bug',
    title: 'WARNING: locking bug in vexfs_drop_a',
    details: { where: 'kernel/locking/lockdep.c:5349' },
  },
];
