import { type Sample, stack, under } from './sample.ts';

const RULE = '=====================================================\n';
const LINE = '-----------------------------------------------------\n';
const KERNEL = '6.12.0 #1 Tainted: G           O      \n';
const A = 'ffffffffa0012340 (vexfs_a){+.+.}-{3:3}, at: vexfs_take_a+0x20/0x40 [vexfs]\n';
const B = 'ffffffffa0012380 (vexfs_b){+.-.}-{2:2}, at: vexfs_take_b+0x10/0x40 [vexfs]\n';
const own = (fn: string): string => `stack backtrace:\n${stack(under(fn))}`;
const box = (title: string): string => `${RULE}${title}\n${KERNEL}${LINE}`;
const HELD =
  '1 lock held by vexload/123:\n #0: ffffffffa0012380 (vexfs_b){+.-.}-{2:2}, at: vexfs_take_b+0x10/0x40 [vexfs]\n';

/** Lockdep and its relatives: kernel/locking/lockdep.c, kernel/locking/spinlock_debug.c, kernel/sched/core.c. */
export const LOCK_SAMPLES: readonly Sample[] = [
  {
    name: 'a cycle of three locks',
    from: 'kernel/locking/lockdep.c print_circular_bug',
    text: `${box('WARNING: possible circular locking dependency detected')}vexload/123 is trying to acquire lock:
${A}
but task is already holding lock:
${B}
which lock already depends on the new lock.

the existing dependency chain (in reverse order) is:

-> #2 (vexfs_b){+.-.}-{2:2}:
       _raw_spin_lock+0x30/0x40
       vexfs_take_c_then_b+0x20/0x40 [vexfs]

-> #1 (vexfs_c){+.+.}-{3:3}:
       __mutex_lock+0x90/0x9b0
       vexfs_take_a_then_c+0x20/0x40 [vexfs]

-> #0 (vexfs_a){+.+.}-{3:3}:
       __lock_acquire+0x1310/0x2100
       vexfs_take_b_then_a+0x20/0x40 [vexfs]

other info that might help us debug this:

Chain exists of:
  vexfs_a --> vexfs_c --> vexfs_b

 Possible unsafe locking scenario:

       CPU0                    CPU1
       ----                    ----
  lock(vexfs_b);
                               lock(vexfs_c);
                               lock(vexfs_b);
  lock(vexfs_a);

 *** DEADLOCK ***

${HELD}
${own('vexfs_take_a')}`,
    kind: 'lockdep-circular',
    title: 'possible deadlock in vexfs_take_a',
    details: {
      wants: { name: 'vexfs_a', usage: '+.+.', waitType: '3:3', at: 'vexfs_take_a', comm: 'vexload', pid: 123 },
      holds: { name: 'vexfs_b', address: '0xffffffffa0012380' },
      cycle: {
        nodes: ['vexfs_b', 'vexfs_c', 'vexfs_a'],
        edges: [
          { from: 'vexfs_a', to: 'vexfs_b', stack: 0 },
          { from: 'vexfs_b', to: 'vexfs_c', stack: 1 },
          { from: 'vexfs_c', to: 'vexfs_a', stack: 2 },
        ],
      },
      lockOrder: ['vexfs_a', 'vexfs_c', 'vexfs_b'],
      scenario: {
        what: 'unsafe locking scenario',
        steps: [
          { cpu: 0, does: 'lock(vexfs_b)' },
          { cpu: 1, does: 'lock(vexfs_c)' },
          { cpu: 1, does: 'lock(vexfs_b)' },
          { cpu: 0, does: 'lock(vexfs_a)' },
        ],
      },
      locks: [{ name: 'vexfs_b', comm: 'vexload', pid: 123 }],
    },
    roles: ['lock-chain', 'lock-chain', 'lock-chain', 'task'],
  },
  {
    name: 'the same lock again',
    from: 'kernel/locking/lockdep.c print_deadlock_bug',
    text: `${box('WARNING: possible recursive locking detected')}vexload/123 is trying to acquire lock:
${A}
but task is already holding lock:
${A}
other info that might help us debug this:
 Possible unsafe locking scenario:

       CPU0
       ----
  lock(vexfs_a);
  lock(vexfs_a);

 *** DEADLOCK ***

 May be due to missing lock nesting notation

${HELD}
${own('vexfs_take_a')}`,
    kind: 'lockdep-recursive',
    title: 'possible deadlock in vexfs_take_a',
    details: {
      wants: { name: 'vexfs_a' },
      holds: { name: 'vexfs_a' },
      scenario: {
        steps: [
          { cpu: 0, does: 'lock(vexfs_a)' },
          { cpu: 0, does: 'lock(vexfs_a)' },
        ],
      },
    },
    roles: ['task'],
  },
  {
    name: 'a lock that interrupts take, behind one that they do not',
    from: 'kernel/locking/lockdep.c print_bad_irq_dependency, print_lock_class_header',
    text: `${box('WARNING: SOFTIRQ-safe -> SOFTIRQ-unsafe lock order detected')}vexload/123 [HC0[0]:SC0[2]:HE1:SE0] is trying to acquire:
${A}
and this task is already holding:
${B}which would create a new lock dependency:
 (vexfs_b){+.-.}-{2:2} -> (vexfs_a){+.+.}-{3:3}

but this new dependency connects a SOFTIRQ-irq-safe lock:
 (vexfs_b){+.-.}-{2:2}

... which became SOFTIRQ-irq-safe at:
  lock_acquire+0xd1/0x2f0
  _raw_spin_lock+0x30/0x40
  vexfs_timer+0x10/0x20 [vexfs]

to a SOFTIRQ-irq-unsafe lock:
 (vexfs_a){+.+.}-{3:3}

... which became SOFTIRQ-irq-unsafe at:
...
  lock_acquire+0xd1/0x2f0
  vexfs_take_a+0x10/0x20 [vexfs]

other info that might help us debug this:

 Possible interrupt unsafe locking scenario:

       CPU0                    CPU1
       ----                    ----
  lock(vexfs_a);
                               local_irq_disable();
                               lock(vexfs_b);
                               lock(vexfs_a);
  <Interrupt>
    lock(vexfs_b);

 *** DEADLOCK ***

${HELD}
the dependencies between SOFTIRQ-irq-safe lock and the holding lock:
-> (vexfs_b){+.-.}-{2:2} {
   HARDIRQ-ON-W at:
                    lock_acquire+0xd1/0x2f0
                    vexfs_take_b+0x10/0x20 [vexfs]
   IN-SOFTIRQ-W at:
                    lock_acquire+0xd1/0x2f0
                    vexfs_timer+0x10/0x20 [vexfs]
 }
 ... key      at: [<ffffffffa0013000>] vexfs_b_key+0x0/0x10 [vexfs]
 ... acquired at:
   lock_acquire+0xd1/0x2f0
   vexfs_take_a+0x20/0x40 [vexfs]

${own('vexfs_take_a')}`,
    kind: 'lockdep-unsafe-order',
    title: 'possible deadlock in vexfs_timer',
    details: {
      wants: { name: 'vexfs_a' },
      holds: { name: 'vexfs_b' },
      newLockOrder: ['vexfs_b', 'vexfs_a'],
      irqClass: 'SOFTIRQ',
      irqContext: { hardirq: false, softirq: false, hardirqsEnabled: true, softirqsEnabled: false },
      irqLocks: [
        { irqClass: 'softirq', verdict: 'safe', lock: { name: 'vexfs_b', usage: '+.-.' } },
        { irqClass: 'softirq', verdict: 'unsafe', lock: { name: 'vexfs_a' } },
      ],
      scenario: {
        what: 'interrupt unsafe locking scenario',
        steps: [
          { cpu: 0, does: 'lock(vexfs_a)' },
          { cpu: 1, does: 'local_irq_disable()' },
          { cpu: 1, does: 'lock(vexfs_b)' },
          { cpu: 1, does: 'lock(vexfs_a)' },
          { cpu: 0, does: '<Interrupt>' },
          { cpu: 0, does: 'lock(vexfs_b)' },
        ],
      },
    },
    roles: ['lock-usage', 'lock-usage', 'lock-usage', 'lock-usage', 'lock-usage', 'task'],
  },
  {
    name: 'an inversion through an interrupt',
    from: 'kernel/locking/lockdep.c print_irq_inversion_bug',
    text: `${box('WARNING: possible irq lock inversion dependency detected')}vexload/123 just changed the state of lock:
${B}but this lock took another, SOFTIRQ-unsafe lock in the past:
 (vexfs_a){+.+.}-{3:3}


and interrupts could create inverse lock ordering between them.


other info that might help us debug this:
 Possible interrupt unsafe locking scenario:

       CPU0                    CPU1
       ----                    ----
  lock(vexfs_a);
                               local_irq_disable();
                               lock(vexfs_b);
                               lock(vexfs_a);
  <Interrupt>
    lock(vexfs_b);

 *** DEADLOCK ***

no locks held by vexload/123.

the shortest dependencies between 2nd lock and 1st lock:
 -> (vexfs_a){+.+.}-{3:3} {
    HARDIRQ-ON-W at:
                      lock_acquire+0xd1/0x2f0
                      vexfs_take_a+0x10/0x20 [vexfs]
  }
  ... key      at: [<ffffffffa0013000>] vexfs_a_key+0x0/0x10 [vexfs]
  ... acquired at:
   lock_acquire+0xd1/0x2f0
   vexfs_take_b+0x20/0x40 [vexfs]

${own('vexfs_take_b')}`,
    kind: 'lockdep-irq-inversion',
    title: 'possible deadlock in vexfs_take_b',
    details: {
      changes: { name: 'vexfs_b', at: 'vexfs_take_b' },
      irqLocks: [{ irqClass: 'softirq', verdict: 'unsafe', lock: { name: 'vexfs_a' } }],
    },
    roles: ['lock-usage', 'lock-usage', 'task'],
  },
  {
    name: 'a lock in two states',
    from: 'kernel/locking/lockdep.c print_usage_bug, print_irqtrace_events',
    text: `${box('WARNING: inconsistent lock state')}inconsistent {SOFTIRQ-ON-W} -> {IN-SOFTIRQ-W} usage.
vexload/123 [HC0[0]:SC1[1]:HE1:SE0] takes:
${B}{SOFTIRQ-ON-W} state was registered at:
  lock_acquire+0xd1/0x2f0
  vexfs_take_b+0x10/0x20 [vexfs]
irq event stamp: 7502
hardirqs last  enabled at (7502): [<ffffffff81234567>] _raw_spin_unlock_irq+0x23/0x40
hardirqs last disabled at (7501): [<ffffffff81234599>] _raw_spin_lock_irq+0x3c/0x50
softirqs last  enabled at (7404): [<ffffffff81076543>] irq_exit_rcu+0x89/0xc0
softirqs last disabled at (7499): [<ffffffff81076544>] irq_exit_rcu+0x89/0xc0

other info that might help us debug this:
 Possible unsafe locking scenario:

       CPU0
       ----
  lock(vexfs_b);
  <Interrupt>
    lock(vexfs_b);

 *** DEADLOCK ***

no locks held by vexload/123.

${own('vexfs_timer')}`,
    kind: 'lockdep-inconsistent-state',
    title: 'inconsistent lock state in vexfs_timer',
    details: {
      usage: { was: 'SOFTIRQ-ON-W', now: 'IN-SOFTIRQ-W' },
      wants: { name: 'vexfs_b' },
      irqContext: { softirq: true, hardirqsEnabled: true, softirqsEnabled: false },
      irqTrace: { stamp: 7502, hardirqsEnabled: { event: 7502, fn: '_raw_spin_unlock_irq' } },
    },
    roles: ['lock-usage', 'task'],
  },
  {
    name: 'a lock in memory that is freed',
    from: 'kernel/locking/lockdep.c print_freed_lock_bug',
    text: `${box('WARNING: held lock freed!')}vexload/123 is freeing memory ffff888003456000-ffff88800345603f, with a lock still held there!
ffff888003456010 (&object->lock){+.+.}-{3:3}, at: vexfs_take_a+0x20/0x40 [vexfs]
1 lock held by vexload/123:
 #0: ffff888003456010 (&object->lock){+.+.}-{3:3}, at: vexfs_take_a+0x20/0x40 [vexfs]

${own('vexfs_drop')}`,
    kind: 'lockdep-held-lock-freed',
    title: 'WARNING: held lock freed in vexfs_take_a',
    details: {
      frees: { name: '&object->lock', at: 'vexfs_take_a', pid: 123 },
      freed: { from: '0xffff888003456000', to: '0xffff88800345603f' },
    },
    roles: ['task'],
  },
  {
    name: 'a lock that is not held',
    from: 'kernel/locking/lockdep.c print_unlock_imbalance_bug',
    text: `${box('WARNING: bad unlock balance detected!')}vexload/123 is trying to release lock (vexfs_a) at:
[<ffffffffa0012399>] vexfs_drop_a+0x10/0x20 [vexfs]
but there are no more locks to release!

other info that might help us debug this:
${HELD}
${own('vexfs_drop_a')}`,
    kind: 'lockdep-unlock-imbalance',
    title: 'WARNING: bad unlock balance in vexfs_drop_a',
    details: { releases: { name: 'vexfs_a', at: 'vexfs_drop_a', module: 'vexfs', comm: 'vexload', pid: 123 } },
    roles: ['task'],
  },
  {
    name: 'a lock that a system call leaves',
    from: 'kernel/locking/lockdep.c lockdep_sys_exit',
    text: `${box('WARNING: lock held when returning to user space!')}vexload/123 is leaving the kernel with locks still held!
${HELD}`,
    kind: 'lockdep-locks-held',
    title: 'WARNING: lock held when returning to user space in vexfs_take_b',
    details: { locks: [{ name: 'vexfs_b', at: 'vexfs_take_b', comm: 'vexload', pid: 123 }] },
  },
  {
    name: 'a lock that sleeps below one that spins',
    from: 'kernel/locking/lockdep.c print_lock_invalid_wait_context',
    text: `=============================
[ BUG: Invalid wait context ]
${KERNEL}-----------------------------
vexload/123 is trying to lock:
${A}other info that might help us debug this:
context-{5:5}
${HELD}${own('vexfs_take_a')}`,
    kind: 'lockdep-wait-context',
    title: 'WARNING: locking bug in vexfs_take_a',
    details: { waitContext: '5:5', wants: { name: 'vexfs_a', waitType: '3:3' } },
    roles: ['task'],
  },
  {
    name: 'a nested lock without the outer one',
    from: 'kernel/locking/lockdep.c print_lock_nested_lock_not_held',
    text: `${box('WARNING: Nested lock was not taken')}vexload/123 is trying to lock:
${A}
but this task is not holding:
&sb->s_lock

${own('vexfs_take_a')}
other info that might help us debug this:
${HELD}
${own('vexfs_take_a')}`,
    kind: 'lockdep-nested-lock',
    title: 'WARNING: nested lock was not taken in vexfs_take_a',
    details: { wants: { name: 'vexfs_a' } },
  },
  {
    name: 'RCU',
    from: 'kernel/locking/lockdep.c lockdep_rcu_suspicious',
    text: `=============================
WARNING: suspicious RCU usage
${KERNEL}-----------------------------
fs/vexfs/inode.c:61 suspicious rcu_dereference_check() usage!

other info that might help us debug this:


rcu_scheduler_active = 2, debug_locks = 1
${HELD}
${own('vexfs_lookup')}`,
    kind: 'lockdep-rcu-usage',
    title: 'WARNING: suspicious RCU usage in vexfs_lookup',
    details: {
      where: 'fs/vexfs/inode.c:61',
      misuse: 'suspicious rcu_dereference_check() usage',
      rcu: { schedulerActive: 2, debugLocks: 1 },
    },
    roles: ['task'],
  },
  {
    name: 'sleeping in the wrong place',
    from: 'kernel/sched/core.c __might_resched',
    text: `BUG: sleeping function called from invalid context at fs/vexfs/inode.c:61
in_atomic(): 1, irqs_disabled(): 0, non_block: 0, pid: 123, name: vexload
preempt_count: 1, expected: 0
RCU nest depth: 0, expected: 0
${HELD}Preemption disabled at:
[<ffffffffa0012399>] vexfs_take_b+0x10/0x20 [vexfs]
${stack(under('vexfs_lookup'))}`,
    kind: 'atomic-sleep',
    title: 'BUG: sleeping function called from invalid context in vexfs_lookup',
    details: {
      where: 'fs/vexfs/inode.c:61',
      atomic: { inAtomic: 1, irqsDisabled: 0, pid: 123, preemptCount: '0x1', preemptExpected: '0x0', rcuDepth: 0 },
      locks: [{ name: 'vexfs_b' }],
    },
    roles: ['origin', 'trap'],
  },
  {
    name: 'scheduling in the wrong place',
    from: 'kernel/sched/core.c __schedule_bug',
    text: `BUG: scheduling while atomic: vexload/123/0x00000002
Modules linked in: vexfs(O)
${stack(under('vexfs_lookup'))}`,
    kind: 'scheduling-while-atomic',
    title: 'BUG: scheduling while atomic in vexfs_lookup',
    details: { preemptCount: '0x00000002' },
    roles: ['trap'],
  },
  {
    name: 'a spinlock',
    from: 'kernel/locking/spinlock_debug.c spin_dump',
    text: `BUG: spinlock bad magic on CPU#1, vexload/123
 lock: 0xffff888003456000, .magic: 00000000, .owner: sh/77, .owner_cpu: 0
${stack(['dump_stack_lvl+0x53/0x70', 'do_raw_spin_lock+0x8e/0xc0', ...under('vexfs_take_b')])}`,
    kind: 'spinlock-bug',
    title: 'BUG: spinlock bad magic in vexfs_take_b',
    details: {
      what: 'bad magic',
      spinlock: { lock: '0xffff888003456000', lockMagic: '0x00000000', owner: 'sh', ownerPid: 77, ownerCpu: 0 },
    },
    roles: ['task'],
  },
  {
    name: 'work that leaves a lock',
    from: 'kernel/workqueue.c process_one_work, since 6.8',
    text: `BUG: workqueue leaked atomic, lock or RCU: kworker/1:2[77]
     preempt=0x00000000 lock=0->1 RCU=0->0 workfn=vexfs_work
${HELD}${stack(['dump_stack_lvl+0x53/0x70', 'process_one_work+0x6d1/0x6f0', 'worker_thread+0x1ce/0x3b0', 'kthread+0xee/0x120'])}`,
    kind: 'lockdep-locks-held',
    title: 'BUG: workqueue leaked lock or atomic in vexfs_work',
    details: { lastFunction: 'vexfs_work', preempt: '0x00000000', locksBefore: 0, locksAfter: 1 },
  },
];
