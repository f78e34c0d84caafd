import { lines } from './line-row.ts';

/** `__print_lock_name` and print_lock_name: the class, its usage marks, its wait types. */
const LOCK = '\\((?<name>.*?)\\)(?:\\{(?<usage>[^}]*)\\}(?:-\\{(?<waitType>[\\d:]+)\\})?)?';
/** `+0x1/0x2 [module]` behind a name. */
const REST = '(?:[.+]\\S+)?(?: \\[(?<module>[A-Za-z0-9_-]+)\\])?';
const TASK = '(?<comm>.*)\\/(?<pid>\\d+)';
/** `[HC0[0]:SC0[2]:HE1:SE0]`: in hard and soft interrupts, how deep, and which are enabled. */
const CONTEXT = '(?: \\[(?<irqContext>HC\\S+)\\])?';
const re = (text: string): RegExp => new RegExp(text);

/** Lines of lockdep reports: kernel/locking/lockdep.c, kernel/locking/spinlock_debug.c, and what tells of the context: kernel/sched/core.c. */
export const LOCK_LINES = lines(
  [
    'acquiring',
    'is trying to acquire',
    re(`^${TASK}${CONTEXT} is trying to acquire(?: lock)?:`),
    'a/1 is trying to acquire lock:',
  ],
  ['acquiring', 'is trying to lock', re(`^${TASK} is trying to lock:`), 'a/1 is trying to lock:'],
  ['acquiring', ' takes:', re(`^${TASK}${CONTEXT} takes:`), 'a/1 [HC0[0]:SC1[1]:HE1:SE0] takes:'],
  [
    'changing',
    'changed the state',
    re(`^${TASK} just changed the state of lock:`),
    'a/1 just changed the state of lock:',
  ],
  [
    'releasing',
    'is trying to release',
    re(`^${TASK} is trying to release lock \\((?<name>.*)\\) at:`),
    'a/1 is trying to release lock (&x) at:',
  ],
  [
    'freeing',
    'is freeing memory',
    re(`^${TASK} is freeing memory (?<from>[0-9a-f]+)-(?<to>[0-9a-f]+), with a lock still held there!`),
    'a/1 is freeing memory ffff888000000000-ffff88800000003f, with a lock still held there!',
  ],
  [
    'holding',
    'already holding',
    /^(?:but|and this) task is already holding(?: lock)?:/,
    'but task is already holding lock:',
  ],
  ['not-holding', 'is not holding', /^but this task is not holding:/, 'but this task is not holding:'],
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
  [
    'dependency',
    '} -> (',
    /^ \((?<first>.*?)\)\{[^}]*\}(?:-\{[\d:]+\})? -> \((?<second>.*?)\)\{/,
    ' (&a){+.-.}-{2:2} -> (&b){+.+.}-{2:2}',
  ],
  [
    'dependency-title',
    'new lock dependency',
    /^which would create a new lock dependency:/,
    'which would create a new lock dependency:',
  ],
  [
    'irq-lock',
    'irq-safe lock',
    /^but this new dependency connects a (?<irqClass>\w+)-irq-(?<verdict>safe|unsafe) lock:/,
    'but this new dependency connects a SOFTIRQ-irq-safe lock:',
  ],
  [
    'irq-lock',
    'irq-unsafe lock',
    /^to an? (?<irqClass>\w+)-irq-(?<verdict>safe|unsafe) lock:/,
    'to a SOFTIRQ-irq-unsafe lock:',
  ],
  [
    'irq-lock',
    'lock in the past',
    /^but this lock (?:took|was taken by) another, (?<irqClass>\w+)-(?:irq-|READ-)?(?<verdict>safe|unsafe) lock in the past:/,
    'but this lock took another, SOFTIRQ-unsafe lock in the past:',
  ],
  ['usage-at', 'which became', /^\.\.\. which became (?<about>[\w-]+) at:/, '... which became SOFTIRQ-irq-safe at:'],
  [
    'usage-at',
    'registered at',
    /^\{(?<about>[\w-]+)\} state was registered at:/,
    '{SOFTIRQ-ON-W} state was registered at:',
  ],
  ['usage-at', 'acquired at:', /^ *\.\.\. (?<about>acquired) at:/, ' ... acquired at:'],
  [
    'usage-at',
    ' at:',
    /^ *(?<about>INITIAL(?: READ)? USE|(?:IN-)?(?:HARD|SOFT)IRQ-(?:ON-)?[WR]|(?:IN-)?RECLAIM_FS(?:-ON)?-[WR])(?: at:|$)/,
    '   INITIAL USE at:',
  ],
  [
    'irq-change',
    'inconsistent {',
    /^inconsistent \{(?<was>[^}]*)\} -> \{(?<now>[^}]*)\} usage/,
    'inconsistent {SOFTIRQ-ON-W} -> {IN-SOFTIRQ-W} usage.',
    'usage',
  ],
  ['held-title', 'held by', re(`^(?<count>\\d+|no) locks? held by ${TASK}`), '2 locks held by a/1:'],
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
    ', at: ',
    re(`^ ?(?:(?<address>[0-9a-f]{8,16}) )?${LOCK}, at: (?:\\[<[0-9a-f]+>\\] )?(?<fn>[A-Za-z0-9_]+)${REST}`),
    'ffff888000000000 (&x){+.+.}-{3:3}, at: f+0x1/0x2',
  ],
  ['lock-name', ' (', /^ \((?<name>.*?)\)\{(?<usage>[^}]*)\}(?:-\{(?<waitType>[\d:]+)\})?$/, ' (&x){+.+.}-{3:3}'],
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
    /^ ?Possible (?<scenario>(?:unsafe|interrupt unsafe|irq unsafe).*scenario)/i,
    ' Possible unsafe locking scenario:',
  ],
  ['scenario-cpus', 'CPU0', /^ +CPU0(?: +CPU1)?$/, '       CPU0                    CPU1'],
  [
    'scenario-step',
    '  ',
    /^(?<indent> {2,})(?<step>(?:r?lock|sync|mutex_lock)\(.*\);?|local_irq_disable\(\);|<Interrupt>)$/,
    '  lock(vexfs_b);',
  ],
  ['scenario-row', '  ', /^ {2,}(?:----)/, '       ----                    ----'],
  ['deadlock', '***', /^ ?\*\*\* (?:DEADLOCK|.*) \*\*\*/, ' *** DEADLOCK ***'],
  ['stack-backtrace', 'stack backtrace', /^stack backtrace:/, 'stack backtrace:'],
  ['chain-exists', '-->', /^ {2}(?<order>.*-->.*)/, '  &a --> &b --> &c'],
  ['wait-context', 'context-{', /^context-\{(?<waitContext>[\d:]+)\}/, 'context-{5:5}', '.'],
  [
    'rcu-state',
    'rcu_scheduler_active',
    /^rcu_scheduler_active = (?<schedulerActive>\d+), debug_locks = (?<debugLocks>\d+)/,
    'rcu_scheduler_active = 2, debug_locks = 1',
    'rcu',
  ],
  [
    'lockdep-words',
    ' ',
    /^(?:the dependencies between|and interrupts could create| and (?:HARD|SOFT)IRQ-irq-unsafe lock|RCU used illegally|inconsistent \{|(?:INFO: )?(?:the code is fine but|trying to register non-static)| ?May be due to missing|turning off the locking|you didn't initialize|maybe you didn't|the shortest dependencies|there's a cycle|stack trace of|the first lock|the second lock|Chain exists of:|but there are no more locks|and the lock comparison function)/,
    'and interrupts could create inverse lock ordering between them.',
  ],
  [
    'lock-usage',
    '->',
    /^ *-> \((?<name>.*?)\)\{(?<usage>[^}]*)\}(?:-\{(?<waitType>[\d:]+)\})?(?: ops: \d+)? \{/,
    '-> (&x){+.-.}-{2:2} {',
  ],
  ['lock-usage-end', ' }', /^ *\}$/, ' }'],
  ['lock-key', 'key', /^ *\.\.\. key +at: /, ' ... key      at: [<ffffffffa0000000>] vexfs_key+0x0/0x10'],
  ['ellipsis', '...', /^ *\.{3}$/, '...'],
  ['lock-version', '#', /^(?:\d+\.\d+\.\S+) #\d+.*(?:Not tainted|Tainted)/, '6.12.0 #1 Not tainted'],
  ['lock-version', 'ainted', /^\d+\.\d+\S* (?:Not tainted|Tainted)/, '6.12.0 Not tainted'],
  [
    'atomic',
    'in_atomic()',
    /^in_atomic\(\): (?<inAtomic>\d+), irqs_disabled\(\): (?<irqsDisabled>\d+)(?:, non_block: (?<nonBlock>\d+))?, pid: (?<pid>\d+), name: (?<comm>.*)/,
    'in_atomic(): 1, irqs_disabled(): 0, non_block: 0, pid: 1, name: a',
    'atomic',
  ],
  [
    'preempt-count',
    'preempt_count',
    /^preempt_count: (?<preemptCount>[0-9a-f]+), expected: (?<preemptExpected>[0-9a-f]+)/,
    'preempt_count: 1, expected: 0',
    'atomic',
  ],
  [
    'rcu-depth',
    'RCU nest depth',
    /^RCU nest depth: (?<rcuDepth>\d+), expected: (?<rcuExpected>\d+)/,
    'RCU nest depth: 0, expected: 0',
    'atomic',
  ],
  [
    'leaving',
    'is leaving the kernel',
    re(`^${TASK} is leaving the kernel with locks still held`),
    'a/1 is leaving the kernel with locks still held!',
  ],
  [
    'rcu-misuse',
    'RCU',
    /^(?<where>\S+:\d+) (?<misuse>.*(?:RCU|rcu).*)!$/,
    'fs/a.c:1 Illegal context switch in RCU read-side critical section!',
    '.',
  ],
  [
    'rcu-misuse',
    'rcu_',
    /^(?<where>\S+:\d+) (?<misuse>suspicious rcu_\w+\(\) usage)!$/,
    'fs/a.c:1 suspicious rcu_dereference_check() usage!',
    '.',
  ],
  [
    'spin-lock',
    'lock: ',
    /^ ?lock: (?<lock>\S+), \.magic: (?<lockMagic>[0-9a-f]+), \.owner: (?<owner>\S+?)(?:\/(?<ownerPid>-?\d+))?, \.owner_cpu: (?<ownerCpu>-?\d+)/,
    ' lock: 0xffff888000000000, .magic: dead4ead, .owner: <none>/-1, .owner_cpu: -1',
    'spinlock',
  ],
  ['caller-is', 'caller is ', /^caller is (?<caller>[A-Za-z0-9_]+)/, 'caller is vexfs_count+0x1/0x2', '.'],
  ['irq-stamp', 'irq event stamp', /^irq event stamp: (?<stamp>\d+)/, 'irq event stamp: 100', 'irqTrace'],
  [
    'irq-last',
    'irqs last',
    /^(?<irqKind>hardirqs|softirqs) last +(?<irqDid>enabled|disabled) at \((?<event>\d+)\): (?:\[<[0-9a-f]+>\] )?(?<fn>[A-Za-z0-9_]+)/,
    'hardirqs last  enabled at (99): [<ffffffff81000000>] f+0x1/0x2',
  ],
);
