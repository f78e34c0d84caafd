import { type Sample, stack, under } from './sample.ts';

const SPIN = under('vexfs_spin', 'vexfs_ioctl');
const REGISTERS = `RIP: 0010:vexfs_spin+0x1a/0x40 [vexfs]
Code: f3 90 0f ae e8 0f 31 48 c1 e2 20 48 09 c2 <48> 89 d7
RSP: 0018:ffffc90000123d90 EFLAGS: 00000246
RAX: 0000000000000001 RBX: ffff888003456000 RCX: 0000000000000000
`;
const caught = (cpu = 1): string => stack(SPIN, cpu).replace('Call Trace', `${REGISTERS}Call Trace`);

/** Stalls, lockups and hung tasks: kernel/watchdog.c, kernel/rcu/tree_stall.h, kernel/rcu/tree_exp.h, kernel/hung_task.c, kernel/workqueue.c. */
export const STALL_SAMPLES: readonly Sample[] = [
  {
    name: 'soft lockup',
    from: 'kernel/watchdog.c watchdog_timer_fn',
    text: `watchdog: BUG: soft lockup - CPU#1 stuck for 22s! [vexload:123]
CPU#1 Utilization every 4s during lockup:
	#1: 100% system,	  0% softirq,	  1% hardirq,	  0% idle
Modules linked in: vexfs(O)
${caught()}`,
    kind: 'soft-lockup',
    title: 'BUG: soft lockup in vexfs_ioctl',
    details: { seconds: 22, trap: { fn: 'vexfs_spin' }, code: { trap: 14 } },
    roles: ['task'],
  },
  {
    name: 'hard lockup',
    from: 'kernel/watchdog_perf.c watchdog_overflow_callback, kernel/watchdog.c watchdog_hardlockup_check',
    text: `watchdog: CPU1: Watchdog detected hard LOCKUP on cpu 1
Modules linked in: vexfs(O)
irq event stamp: 7502
hardirqs last  enabled at (7501): [<ffffffff81234567>] _raw_spin_unlock_irq+0x23/0x40
hardirqs last disabled at (7502): [<ffffffff81234599>] _raw_spin_lock_irq+0x3c/0x50
${caught()}`,
    kind: 'hard-lockup',
    title: 'hard lockup in vexfs_ioctl',
    details: { irqTrace: { stamp: 7502, hardirqsDisabled: { event: 7502, fn: '_raw_spin_lock_irq' } } },
    roles: ['task'],
  },
  {
    name: 'RCU, CPUs and tasks',
    from: 'kernel/rcu/tree_stall.h print_other_cpu_stall, rcu_print_task_stall, rcu_check_gp_kthread_starvation',
    text: `rcu: INFO: rcu_preempt detected stalls on CPUs/tasks:
rcu: 	1-....: (5250 ticks this GP) idle=1b4c/1/0x4000000000000000 softirq=621/622 fqs=2610
rcu: 	Tasks blocked on level-0 rcu_node (CPUs 0-1): P77/1:b..l P78
rcu: 	(detected by 0, t=5252 jiffies, g=545, q=155 ncpus=2)
Sending NMI from CPU 0 to CPUs 1:
NMI backtrace for cpu 1
${caught()}rcu: rcu_preempt kthread starved for 5250 jiffies! g545 f0x2 RCU_GP_WAIT_FQS(5) ->state=0x0 ->cpu=0
rcu: 	Unless rcu_preempt kthread gets sufficient CPU time, OOM is now expected behavior.
rcu: RCU grace-period kthread stack dump:
task:rcu_preempt     state:R  running task     stack:0     pid:16    tgid:16    ppid:2      flags:0x00004000
Call Trace:
 <TASK>
 __schedule+0x3c1/0xaf0
 schedule+0x27/0xd0
 rcu_gp_fqs_loop+0x1a0/0x740
 </TASK>
`,
    kind: 'rcu-stall',
    title: 'INFO: rcu detected stall in vexfs_ioctl',
    details: {
      flavour: 'preempt',
      cpus: [
        { cpu: 1, rcuFlags: '....', ticks: 5250, idle: '1b4c/1/0x4000000000000000', softirq: '621/622', fqs: 2610 },
      ],
      blockedTasks: [77, 78],
      detectedBy: 0,
      jiffies: 5252,
      gracePeriod: 545,
      callbacks: 155,
      ncpus: 2,
      kthread: { name: 'rcu_preempt', starved: 5250, waiting: 'RCU_GP_WAIT_FQS', cpu: 0 },
    },
    roles: ['task', 'task'],
  },
  {
    name: 'RCU, expedited',
    from: 'kernel/rcu/tree_exp.h synchronize_rcu_expedited_stall',
    text: `rcu: INFO: rcu_preempt detected expedited stalls on CPUs/tasks: { 1-.... } 5250 jiffies s: 93 root: 0x2/.
rcu: blocking rcu_node structures (internal RCU debug):
Sending NMI from CPU 0 to CPUs 1:
NMI backtrace for cpu 1
${caught()}`,
    kind: 'rcu-stall',
    title: 'INFO: rcu detected stall in vexfs_ioctl',
    details: { expedited: true, stalled: ['1-....'], jiffies: 5250 },
    roles: ['task'],
  },
  {
    name: 'a task that hangs, and who holds what it waits for',
    from: 'kernel/hung_task.c check_hung_task, debug_show_blocker (6.15), kernel/locking/lockdep.c debug_show_all_locks',
    text: `INFO: task vexload:99 blocked in I/O wait for more than 120 seconds.
      Tainted: G           O       6.12.0 #1
"echo 0 > /proc/sys/kernel/hung_task_timeout_secs" disables this message.
task:vexload         state:D stack:0     pid:99    tgid:99    ppid:1      flags:0x00004002
Call Trace:
 <TASK>
 __schedule+0x3c1/0xaf0
 schedule+0x27/0xd0
 __mutex_lock.constprop.0+0x3a3/0x6d0
 vexfs_ioctl+0x1a/0x40 [vexfs]
 __x64_sys_ioctl+0x91/0xd0
 </TASK>
INFO: task vexload:99 is blocked on a mutex likely owned by task sh:77.
task:sh              state:S stack:0     pid:77    tgid:77    ppid:1      flags:0x00004002
Call Trace:
 <TASK>
 __schedule+0x3c1/0xaf0
 vexfs_wait+0x1a/0x40 [vexfs]
 </TASK>
Showing all locks held in the system:
1 lock held by sh/77:
 #0: ffffffffa0012340 (vexfs_a){+.+.}-{3:3}, at: vexfs_take_a+0x20/0x40 [vexfs]
1 lock held by vexload/99:
 #0: ffffffffa0012340 (vexfs_a){+.+.}-{3:3}, at: vexfs_ioctl+0x10/0x40 [vexfs]

=============================================

`,
    kind: 'hung-task',
    title: 'INFO: task hung in vexfs_ioctl',
    details: {
      seconds: 120,
      ioWait: true,
      blockedOn: { comm: 'vexload', pid: 99, lockKind: 'mutex', owner: 'sh', ownerPid: 77 },
      locks: [
        { name: 'vexfs_a', comm: 'sh', pid: 77, at: 'vexfs_take_a' },
        { name: 'vexfs_a', comm: 'vexload', pid: 99, at: 'vexfs_ioctl' },
      ],
    },
    roles: ['task', 'task'],
  },
  {
    name: 'workqueue lockup',
    from: 'kernel/workqueue.c wq_watchdog_timer_fn, show_one_workqueue, show_pwq, show_one_worker_pool',
    text: `BUG: workqueue lockup - pool cpus=1 node=0 flags=0x0 nice=0 stuck for 33s!
Showing busy workqueues and worker pools:
workqueue events: flags=0x0
  pwq 6: cpus=1 node=0 flags=0x0 nice=0 active=2/256 refcnt=3
    in-flight: 55:vexfs_work [vexfs], 56:vmstat_shepherd
    pending: kfree_rcu_monitor, vexfs_later [vexfs]
workqueue vexfs: flags=0x8
  pwq 6: cpus=1 node=0 flags=0x0 nice=0 active=1/1 refcnt=2
    inactive: vexfs_flush [vexfs]
pool 6: cpus=1 node=0 flags=0x0 nice=0 hung=33s workers=3 idle: 12 13
Showing backtraces of running workers in stalled CPU-bound worker pools:
pool 6:
task:kworker/1:2     state:R  running task     stack:0     pid:55    tgid:55    ppid:2      flags:0x00004000
Call Trace:
 <TASK>
 vexfs_work+0x1a/0x40 [vexfs]
 process_one_work+0x174/0x330
 </TASK>
`,
    kind: 'workqueue-lockup',
    title: 'BUG: workqueue lockup',
    details: {
      poolCpus: '1',
      seconds: 33,
      workqueues: [
        {
          name: 'events',
          flags: '0x0',
          pools: [{ pool: 6, cpus: '1', active: 2 }],
          inFlight: [
            { pid: 55, fn: 'vexfs_work' },
            { pid: 56, fn: 'vmstat_shepherd' },
          ],
          pending: [{ fn: 'kfree_rcu_monitor' }, { fn: 'vexfs_later' }],
        },
        { name: 'vexfs', inactive: [{ fn: 'vexfs_flush' }] },
      ],
      pools: [{ pool: 6, cpus: '1', seconds: 33, workers: 3 }],
    },
    roles: ['task'],
  },
];
