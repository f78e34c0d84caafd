import { lines } from './line-row.ts';

const LOCK = '\\((?<name>.*?)\\)(?:\\{(?<state>[^}]*)\\}(?:-\\{(?<wait>[\\d:]+)\\})?)?';
/** `+0x1/0x2 [module]` behind a name. */
const REST = '(?:[.+]\\S+)?(?: \\[(?<module>[A-Za-z0-9_-]+)\\])?';
const re = (text: string): RegExp => new RegExp(text);

/** Lines of lockdep reports and of task, stall and lockup reports: kernel/locking/lockdep.c, kernel/hung_task.c, kernel/sched/core.c, kernel/rcu/tree_stall.h, kernel/workqueue.c, kernel/watchdog.c. */
export const LOCK_LINES = lines(
  [
    'acquiring',
    'is trying to acquire',
    /^(?<comm>.*)\/(?<pid>\d+) is trying to acquire lock:/,
    'a/1 is trying to acquire lock:',
  ],
  [
    'releasing',
    'is trying to release',
    /^(?<comm>.*)\/(?<pid>\d+) is trying to release lock/,
    'a/1 is trying to release lock (&x) at:',
  ],
  ['holding', 'already holding lock', /^but task is already holding lock:/, 'but task is already holding lock:'],
  [
    'which-depends',
    'which lock already depends',
    /^which lock already depends on the new lock/,
    'which lock already depends on the new lock.',
  ],
  [
    'chain-title',
    'existing dependency chain',
    /^the existing dependency chain/,
    'the existing dependency chain (in reverse order) is:',
  ],
  ['chain-link', '-> #', re(`^ ?-> #(?<index>\\d+) ${LOCK}`), '-> #1 (&sbi->lock){+.+.}-{3:3}:'],
  ['held-title', 'held by', /^(?<count>\d+|no) locks? held by (?<comm>.*)\/(?<pid>\d+)/, '2 locks held by a/1:'],
  [
    'held',
    ' #',
    re(
      `^ +#(?<index>\\d+): +(?:(?<address>[0-9a-f]{8,16}) )?${LOCK}, at: (?:\\[<[0-9a-f]+>\\] )?(?<fn>[A-Za-z0-9_]+)${REST}`,
    ),
    ' #0: ffff888000000000 (&x){+.+.}-{3:3}, at: f+0x1/0x2',
  ],
  [
    'lock-at',
    '}, at: ',
    re(`^(?:(?<address>[0-9a-f]{8,16}) )?${LOCK}, at: (?:\\[<[0-9a-f]+>\\] )?(?<fn>[A-Za-z0-9_]+)${REST}`),
    'ffff888000000000 (&x){+.+.}-{3:3}, at: f+0x1/0x2',
  ],
  [
    'held-all',
    'Showing all locks held',
    /^Showing all locks held in the system:/,
    'Showing all locks held in the system:',
  ],
  [
    'info-title',
    'other info that might help',
    /^other info that might help us debug this:/,
    'other info that might help us debug this:',
  ],
  [
    'scenario',
    'ossible',
    /^ ?Possible (?:unsafe|interrupt unsafe|irq unsafe).*scenario/i,
    ' Possible unsafe locking scenario:',
  ],
  [
    'scenario-row',
    '  ',
    /^ {2,}(?:CPU\d|----|lock\(|rlock\(|sync\(|local_irq_disable|<Interrupt>|mutex_lock)/,
    '       CPU0                    CPU1',
  ],
  ['deadlock', '***', /^ ?\*\*\* (?:DEADLOCK|.*) \*\*\*/, ' *** DEADLOCK ***'],
  ['stack-backtrace', 'stack backtrace', /^stack backtrace:/, 'stack backtrace:'],
  [
    'lockdep-words',
    ' ',
    /^(?:the dependencies between|and this task is already holding|which would create|but this new dependency|to a (?:HARD|SOFT)IRQ|but this lock (?:took|acquired)|and interrupts could create|rcu_scheduler_active|\{(?:IN-|HARDIRQ|SOFTIRQ|INITIAL)|inconsistent \{|May be due to missing|the code is fine but|turning off the locking|you didn't initialize|maybe you didn't|the shortest dependencies|there's a cycle|stack trace of|the first lock|the second lock|Chain exists of:|but there are no more locks|\S.*\/\d+ (?:just changed|is freeing|is trying to|is takes|\[HC))/,
    'and interrupts could create inverse lock ordering between them.',
  ],
  [
    'lock-usage',
    ' at:',
    /^ *(?:INITIAL USE|(?:IN-)?(?:HARD|SOFT)IRQ-ON-[WR]|\(?null\)?|... (?:key|which)).*$/,
    '   INITIAL USE at:',
  ],
  ['chain-exists', '-->', /^ {2}.*-->/, '  &a --> &b --> &c'],
  ['lock-version', '#', /^(?:\d+\.\d+\.\S+) #\d+.*(?:Not tainted|Tainted)/, '6.12.0 #1 Not tainted'],
  [
    'atomic',
    'in_atomic()',
    /^in_atomic\(\): (?<inAtomic>\d+), irqs_disabled\(\): (?<irqsDisabled>\d+)(?:, non_block: \d+)?, pid: (?<pid>\d+), name: (?<comm>.*)/,
    'in_atomic(): 1, irqs_disabled(): 0, non_block: 0, pid: 1, name: a',
  ],
  [
    'preempt-count',
    'preempt_count',
    /^preempt_count: (?<count>[0-9a-f]+), expected: (?<expected>[0-9a-f]+)/,
    'preempt_count: 1, expected: 0',
  ],
  [
    'leaving',
    'is leaving the kernel',
    /^(?<comm>.*)\/(?<pid>\d+) is leaving the kernel with locks still held/,
    'a/1 is leaving the kernel with locks still held!',
  ],
  ['task-dump', 'Task dump', /^(?:Task dump for CPU|rcu: Stack dump)/, 'Task dump for CPU 1:'],
  [
    'rcu-misuse',
    'RCU',
    /^\S+:\d+ (?<misuse>.*(?:RCU|rcu).*)!$/,
    'fs/a.c:1 Illegal context switch in RCU read-side critical section!',
  ],
  [
    'rcu-misuse',
    'rcu_',
    /^\S+:\d+ (?<misuse>suspicious rcu_\w+\(\) usage)!$/,
    'fs/a.c:1 suspicious rcu_dereference_check() usage!',
  ],
  ['rcu-depth', 'RCU nest depth', /^RCU nest depth: /, 'RCU nest depth: 0, expected: 0'],
  [
    'spin-lock',
    'lock: ',
    /^ ?lock: (?<lock>\S+), \.magic: (?<magic>[0-9a-f]+), \.owner: (?<owner>\S+), \.owner_cpu: (?<cpu>-?\d+)/,
    ' lock: 0xffff888000000000, .magic: dead4ead, .owner: <none>/-1, .owner_cpu: -1',
  ],
  [
    'task-state',
    'state:',
    /^task:(?<comm>.*?) +state:(?<state>\S).*? stack: *(?<stack>\d+) +pid: *(?<pid>\d+)/,
    'task:a               state:D stack:    0 pid:    1 ppid:     0 flags:0x00004000',
  ],
  [
    'task-state-old',
    ' D ',
    /^(?<comm>\S+) +(?<state>[DRSTZ]) +(?:[0-9a-f]+ )? *\d+ +(?<pid>\d+) +\d+ 0x[0-9a-f]+/,
    'a               D    0  100      1 0x00000000',
  ],
  [
    'hung-hint',
    'echo 0 >',
    /^"echo 0 > \/proc\/sys\/kernel\/hung_task_timeout_secs"/,
    '"echo 0 > /proc/sys/kernel/hung_task_timeout_secs" disables this message.',
  ],
  [
    'hung-version',
    'ainted',
    /^ {6}(?:Not tainted|Tainted: (?<taint>[A-Z ]+?)) +(?<kernel>\S*\d\S*)/,
    '      Not tainted 6.12.0 #1',
  ],
  [
    'future-hung',
    'uture hung task',
    /^Future hung task reports are suppressed/,
    'Future hung task reports are suppressed, see sysctl kernel.hung_task_warnings',
  ],
  ['nmi-backtrace', 'NMI backtrace for cpu', /^NMI backtrace for cpu (?<cpu>\d+)/, 'NMI backtrace for cpu 1'],
  [
    'nmi-sent',
    'Sending NMI from',
    /^Sending NMI from CPU (?<from>\d+) to CPUs (?<to>[\d,-]+)/,
    'Sending NMI from CPU 0 to CPUs 1:',
  ],
  [
    'rcu-row',
    'rcu',
    /^(?:rcu: |\t\d|\s*\(detected by|\t\()|rcu_\w+ kthread/,
    'rcu: \t0-....: (1 GPs behind) idle=1/1/0 softirq=1/1 fqs=1',
  ],
  [
    'rcu-detected',
    't=',
    /\(?(?:detected by (?<cpu>\d+), )?t=(?<jiffies>\d+) jiffies/,
    '(detected by 0, t=10002 jiffies, g=1, q=1)',
  ],
  [
    'workqueue-row',
    ' ',
    /^(?:Showing busy workqueues|workqueue \S+: flags| {2}pwq \d+:| {4}(?:in-flight|pending|inactive|delayed):|pool \d+:)/,
    'Showing busy workqueues and worker pools:',
  ],
  ['crashed-cpu', 'Shutting down', /^Shutting down cpus/, 'Shutting down cpus with NMI'],
);
