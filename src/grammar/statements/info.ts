import { rows } from './statement-row.ts';

/** Headlines with `INFO:` (kernel/rcu/tree_stall.h, kernel/hung_task.c, mm/slub.c, lockdep before 4.11 with brackets). */
export const INFO_STATEMENTS = rows(
  [
    'old-circular',
    /INFO: possible circular locking dependency detected \]/,
    '[ INFO: possible circular locking dependency detected ]',
  ],
  [
    'old-irq',
    /INFO: possible irq lock inversion dependency detected \]/,
    '[ INFO: possible irq lock inversion dependency detected ]',
  ],
  [
    'old-order',
    /INFO: SOFTIRQ-safe -> SOFTIRQ-unsafe lock order detected \]/,
    '[ INFO: SOFTIRQ-safe -> SOFTIRQ-unsafe lock order detected ]',
  ],
  [
    'old-order-other',
    /INFO: (?<irqClass>[A-Z_]+)-safe -> [A-Z_]+-unsafe lock order detected \]/,
    '[ INFO: HARDIRQ-safe -> HARDIRQ-unsafe lock order detected ]',
  ],
  ['old-recursive', /INFO: possible recursive locking detected \]/, '[ INFO: possible recursive locking detected ]'],
  ['old-state', /INFO: inconsistent lock state \]/, '[ INFO: inconsistent lock state ]'],
  [
    'rcu-stall',
    /INFO: rcu_(?<flavour>preempt|sched|bh|tasks) (?:self-)?detected(?<expedited> expedited)? stall(?:s? on [A-Za-z/]+:? \{ ?(?<stalled>[^{}]{0,200}?) ?\} (?:\(detected by \d+, )?(?:t=)?(?<jiffies>\d+) jiffies)?/,
    'rcu: INFO: rcu_preempt self-detected stall on CPU',
  ],
  // kernel/rcu/tasks.h check_all_holdout_tasks_trace
  [
    'rcu-stall-tasks',
    /INFO: (?<flavour>rcu_tasks_\w+) detected stalls on tasks:/,
    'rcu: INFO: rcu_tasks_trace detected stalls on tasks:',
  ],
  ['non-static-key', /INFO: trying to register non-static key/, 'INFO: trying to register non-static key.'],
  ['rcu-usage', /INFO: suspicious RCU usage/, '[ INFO: suspicious RCU usage. ]'],
  [
    'task-hung',
    /INFO: task (?<task>(?:(?<comm>.{1,90}?):(?<pid>\d+))|.{1,100}?) blocked (?<ioWait>in I\/O wait )?for more than (?<seconds>[0-9]+) seconds/,
    'INFO: task a:1 blocked for more than 120 seconds.',
  ],
  [
    'task-cannot-die',
    /INFO: task (?<task>(?:(?<comm>.{1,90}?):(?<pid>\d+))|.{1,100}?) can't die for more than (?:(?<seconds>[0-9]+)|.*) seconds/,
    "INFO: task a:1 can't die for more than 120 seconds.",
  ],
  ['slub-track', /INFO: (?<rest>(?:Freed|Allocated) in .*)/, 'INFO: Freed in f age=1 cpu=0 pid=1'],
  ['info-bare', /INFO:\s*$/, 'INFO:'],
);
