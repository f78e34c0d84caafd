/**
 * Reports for tests, put together from the format strings of the kernel source named at each. Not recordings: those are in fixtures/.
 */

/** arch/x86/mm/fault.c show_fault_oops, arch/x86/kernel/dumpstack.c __die, kernel/panic.c oops_exit and panic. */
export const NULL_DEREF = `BUG: kernel NULL pointer dereference, address: 0000000000000008
#PF: supervisor write access in kernel mode
#PF: error_code(0x0002) - not-present page
PGD 0 P4D 0
Oops: Oops: 0002 [#1] PREEMPT SMP NOPTI
CPU: 1 UID: 0 PID: 123 Comm: vexfs-load Tainted: G           O       6.12.0 #1
Tainted: [O]=OOT_MODULE
Hardware name: QEMU Standard PC (Q35 + ICH9, 2009), BIOS 1.16.3
RIP: 0010:vexfs_store+0x1a/0x40 [vexfs]
Code: 90 90 90 90 0f 1f 44 00 00 <c7> 04 25 08 00 00 00
RSP: 0018:ffffc90000123d90 EFLAGS: 00010246
RAX: 0000000000000000 RBX: ffff888003456000 RCX: 0000000000000000
FS:  00007f1234567740(0000) GS:ffff88807dc00000(0000) knlGS:0000000000000000
CS:  0010 DS: 0000 ES: 0000 CR0: 0000000080050033
CR2: 0000000000000008 CR3: 0000000004567000 CR4: 00000000000006f0
Call Trace:
 <TASK>
 ? __die_body+0x1a/0x60
 vexfs_write+0x55/0x80 [vexfs]
 vfs_write+0xf0/0x420
 ksys_write+0x6d/0xf0
 do_syscall_64+0x9e/0x1a0
 entry_SYSCALL_64_after_hwframe+0x77/0x7f
RIP: 0033:0x7f1234678900
 </TASK>
Modules linked in: vexfs(O) loop
CR2: 0000000000000008
---[ end trace 0000000000000000 ]---
RIP: 0010:vexfs_store+0x1a/0x40 [vexfs]
`;

export const FATAL_PANIC = `Kernel panic - not syncing: Fatal exception
Kernel Offset: disabled
---[ end Kernel panic - not syncing: Fatal exception ]---
`;

/** arch/arm/mm/fault.c __do_kernel_fault, arch/arm/kernel/traps.c __die and dump_backtrace_entry, since 5.18. */
export const ARM_NULL_DEREF = `8<--- cut here ---
Unable to handle kernel NULL pointer dereference at virtual address 00000008 when write
[00000008] *pgd=00000000
Internal error: Oops: 805 [#1] SMP ARM
Modules linked in: vexfs(O)
CPU: 0 PID: 80 Comm: sh Tainted: G           O       6.6.0 #1
Hardware name: Generic DT based system
PC is at 0x0
LR is at vexfs_store+0x10/0x20 [vexfs]
pc : [<00000000>]    lr : [<bf000010>]    psr: 60000013
sp : f0801e28  ip : 00000000  fp : f0801e6c
Register r0 information: NULL pointer
Process sh (pid: 80, stack limit = 0xf0800000)
Backtrace:
 vexfs_store [vexfs] from vexfs_write+0x55/0x80 [vexfs]
 vexfs_write [vexfs] from vfs_write+0xf0/0x420
 vfs_write from ksys_write+0x6d/0xf0
 ksys_write from ret_fast_syscall+0x0/0x1c
---[ end trace 0000000000000000 ]---
`;

/** lib/refcount.c refcount_warn_saturate, kernel/panic.c __warn. */
export const REFCOUNT = `------------[ cut here ]------------
refcount_t: underflow; use-after-free.
WARNING: CPU: 0 PID: 77 at lib/refcount.c:28 refcount_warn_saturate+0xba/0x110
Modules linked in: vexfs(O)
CPU: 0 UID: 0 PID: 77 Comm: sh Not tainted 6.12.0 #1
RIP: 0010:refcount_warn_saturate+0xba/0x110
Call Trace:
 <TASK>
 vexfs_put+0x1a/0x40 [vexfs]
 vfs_write+0xf0/0x420
 ksys_write+0x6d/0xf0
 </TASK>
---[ end trace 0000000000000000 ]---
`;

/** mm/kasan/report.c, mm/kasan/report_generic.c. */
export const KASAN = `==================================================================
BUG: KASAN: slab-use-after-free in vexfs_read+0x10/0x20 [vexfs]
Read of size 8 at addr ffff888003456010 by task sh/55

CPU: 1 UID: 0 PID: 55 Comm: sh Not tainted 6.12.0 #1
Call Trace:
 <TASK>
 dump_stack_lvl+0x53/0x70
 print_report+0xce/0x670
 kasan_report+0xce/0x100
 vexfs_read+0x10/0x20 [vexfs]
 vfs_read+0xf0/0x420
 </TASK>

Allocated by task 54:
 kasan_save_stack+0x24/0x50
 __kmalloc+0x10/0x20
 vexfs_new+0x10/0x20 [vexfs]

Freed by task 55:
 kasan_save_stack+0x24/0x50
 kfree+0x10/0x20
 vexfs_drop+0x10/0x20 [vexfs]

The buggy address belongs to the object at ffff888003456000
 which belongs to the cache kmalloc-64 of size 64
The buggy address is located 16 bytes inside of
 freed 64-byte region [ffff888003456000, ffff888003456040)

Memory state around the buggy address:
 ffff888003455f00: fc fc fc fc fc fc fc fc fc fc fc fc fc fc fc fc
>ffff888003456000: fa fb fb fb fb fb fb fb fc fc fc fc fc fc fc fc
                         ^
==================================================================
`;

/** kernel/locking/lockdep.c print_circular_bug. */
export const CIRCULAR = `======================================================
WARNING: possible circular locking dependency detected
6.12.0 #1 Not tainted
------------------------------------------------------
sh/56 is trying to acquire lock:
ffffffffa0012340 (vexfs_a){+.+.}-{3:3}, at: vexfs_lock_b_then_a+0x20/0x40 [vexfs]

but task is already holding lock:
ffffffffa0012380 (vexfs_b){+.+.}-{3:3}, at: vexfs_lock_b_then_a+0x10/0x40 [vexfs]

which lock already depends on the new lock.

the existing dependency chain (in reverse order) is:

-> #1 (vexfs_b){+.+.}-{3:3}:
       __mutex_lock+0x90/0x9b0
       vexfs_lock_a_then_b+0x20/0x40 [vexfs]

-> #0 (vexfs_a){+.+.}-{3:3}:
       __lock_acquire+0x1310/0x2100
       __mutex_lock+0x90/0x9b0
       vexfs_lock_b_then_a+0x20/0x40 [vexfs]

other info that might help us debug this:

 Possible unsafe locking scenario:

       CPU0                    CPU1
       ----                    ----
  lock(vexfs_b);
                               lock(vexfs_a);

 *** DEADLOCK ***

1 lock held by sh/56:
 #0: ffffffffa0012380 (vexfs_b){+.+.}-{3:3}, at: vexfs_lock_b_then_a+0x10/0x40 [vexfs]

stack backtrace:
CPU: 1 UID: 0 PID: 56 Comm: sh Not tainted 6.12.0 #1
Call Trace:
 <TASK>
 dump_stack_lvl+0x53/0x70
 print_circular_bug+0x1c0/0x2a0
 vexfs_lock_b_then_a+0x20/0x40 [vexfs]
 vfs_write+0xf0/0x420
 </TASK>
`;

/** kernel/hung_task.c check_hung_task, kernel/sched/core.c sched_show_task. */
export const HUNG = `INFO: task vexfs-load:99 blocked for more than 120 seconds.
      Tainted: G           O       6.12.0 #1
"echo 0 > /proc/sys/kernel/hung_task_timeout_secs" disables this message.
task:vexfs-load      state:D stack:0     pid:99    tgid:99    ppid:1      flags:0x00004002
Call Trace:
 <TASK>
 __schedule+0x3c1/0xaf0
 schedule+0x27/0xd0
 __mutex_lock.constprop.0+0x3a3/0x6d0
 vexfs_ioctl+0x1a/0x40 [vexfs]
 __x64_sys_ioctl+0x91/0xd0
 </TASK>
`;

/** mm/oom_kill.c dump_header, dump_tasks, __oom_kill_process. */
export const OOM = `sh invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0
CPU: 1 UID: 0 PID: 150 Comm: sh Not tainted 6.12.0 #1
Call Trace:
 <TASK>
 dump_stack_lvl+0x1/0x2
 vexfs_hog+0x1/0x2 [vexfs]
 </TASK>
Mem-Info:
active_anon:1 inactive_anon:2 isolated_anon:0
Tasks state (memory values in pages):
[  pid  ]   uid  tgid total_vm      rss rss_anon rss_file rss_shmem pgtables_bytes swapents oom_score_adj name
[    150]     0   150    30000    20000    19000     1000         0   200000        0             0 sh
oom-kill:constraint=CONSTRAINT_NONE,nodemask=(null),cpuset=/,mems_allowed=0,global_oom,task_memcg=/,task=sh,pid=150,uid=0
Out of memory: Killed process 150 (sh) total-vm:120000kB, anon-rss:80000kB, file-rss:4000kB, shmem-rss:0kB
`;

/** kernel/kcsan/report.c print_report. */
export const KCSAN = `==================================================================
BUG: KCSAN: data-race in vexfs_count / vexfs_reset

write to 0xffff888003456000 of 8 bytes by task 60 on cpu 0:
 vexfs_reset+0x10/0x20 [vexfs]
 vfs_write+0xf0/0x420

read to 0xffff888003456000 of 8 bytes by task 61 on cpu 1:
 vexfs_count+0x10/0x20 [vexfs]
 vfs_read+0xf0/0x420

value changed: 0x0000000000000001 -> 0x0000000000000000

Reported by Kernel Concurrency Sanitizer on:
CPU: 1 UID: 0 PID: 61 Comm: sh Not tainted 6.12.0 #1
==================================================================
`;

/** mm/kmemleak.c print_unreferenced. */
export const LEAK = `unreferenced object 0xffff888003456000 (size 64):
  comm "sh", pid 70, jiffies 4294937296
  hex dump (first 32 bytes):
    00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00  ................
  backtrace (crc 0):
    __kmalloc_noprof+0x10/0x20
    vexfs_new+0x10/0x20 [vexfs]
    vfs_write+0xf0/0x420
`;

export const SAMPLES = { NULL_DEREF, ARM_NULL_DEREF, REFCOUNT, KASAN, CIRCULAR, HUNG, OOM, KCSAN, LEAK } as const;
