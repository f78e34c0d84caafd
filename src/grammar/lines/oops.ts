import { lines } from './line-row.ts';

const SYMBOL = '(?<fn>[A-Za-z0-9_$]+)(?:\\.[A-Za-z0-9_.]+)?\\+(?<offset>0x[0-9a-f]+)/(?<size>0x[0-9a-f]+)';
const MODULE = '(?: \\[(?<module>[A-Za-z0-9_-]+)(?:\\([A-Z+-]+\\))?(?: [0-9a-f]{8,40})?\\])?';
const PLACE = '(?: (?<file>[A-Za-z0-9_./-]+\\.[a-zA-Z]+):(?<line>[0-9]+))?';
const re = (text: string): RegExp => new RegExp(text);

/**
 * Lines of any report that shows a CPU: kernel/panic.c, lib/dump_stack.c, arch/{x86,arm64,arm,riscv,powerpc,s390}/kernel
 * traps, process and dumpstack sources. The first row that fits names the line.
 */
export const OOPS_LINES = lines(
  // kernel/trace/trace_output.c, ftrace_dump_on_oops: before all others, because a traced message may look like anything.
  [
    'ftrace-dump',
    'us',
    /^.{1,24}-\d+ +\d[^ ]{3,6} +\d+us[ !#+*@$]*: /,
    '  <idle>-0         1d..2. 96079us : sched_switch: prev_comm=a',
  ],
  ['cut-here', '--[ cut here ]--', /--\[ cut here \]--/, '------------[ cut here ]------------'],
  ['end-trace', '---[ end trace', /---\[ end trace (?<id>[0-9a-f]+) \]---/, '---[ end trace 0000000000000000 ]---'],
  [
    'end-panic',
    '---[ end Kernel panic',
    /---\[ end Kernel panic/,
    '---[ end Kernel panic - not syncing: Fatal exception ]---',
  ],
  ['rule', '=====', /^={20,}$/, '=================================================================='],
  [
    'cpu',
    'CPU: ',
    /CPU: (?<cpu>\d+)(?: UID: \d+)? PID: (?<pid>\d+) Comm: (?<comm>.*?) (?:(?<clean>Not tainted)|Tainted: (?<taint>\[?[A-Z][A-Za-z=_, \][]*?)) +(?<kernel>\S*\d\S*)(?: (?<build>#\d+.*))?$/,
    'CPU: 1 UID: 0 PID: 123 Comm: kworker/1:2 Tainted: G        W  O        6.12.0 #1 PREEMPT',
  ],
  [
    'cpu-old',
    'id: ',
    /^(?:CPU \d+ )?Pid: (?<pid>\d+), comm: (?<comm>.*?) (?:(?<clean>Not tainted)|Tainted: (?<taint>[A-Z][A-Z ]*?)) +(?<kernel>\S+)/i,
    'Pid: 1, comm: a Not tainted 3.2.0',
  ],
  [
    'cpu-short',
    'CPU: ',
    /CPU: (?<cpu>\d+)(?: UID: \d+)? PID: (?<pid>\d+) Comm: (?<comm>\S+)/,
    'CPU: 1 PID: 123 Comm: a',
  ],
  ['tainted', 'Tainted: [', /^Tainted: (?<flags>\[.*)$/, 'Tainted: [W]=WARN, [O]=OOT_MODULE'],
  [
    'hardware',
    'Hardware name: ',
    /Hardware name: (?<hardware>.*)$/,
    'Hardware name: QEMU Standard PC (Q35 + ICH9, 2009), BIOS 1.16',
  ],
  ['workqueue', 'Workqueue: ', /^Workqueue: (?<queue>.*)$/, 'Workqueue: events vexfs_work [vexfs]'],
  [
    'modules',
    'Modules linked in:',
    /Modules linked in:(?<modules>.*)$/,
    'Modules linked in: vexfs(O) loop [last unloaded: vexfs]',
  ],
  [
    'task-struct',
    'task',
    /^task: [0-9a-f]+ |^ti: [0-9a-f]+ |^(?:P|p)rocess /,
    'task: ffff880066be2280 task.stack: ffff880066be8000',
  ],
  ['rip-user', 'RIP: 0033:', /RIP: 0033:(?<address>\S+)/, 'RIP: 0033:0x7f0000000000'],
  [
    'rip',
    'IP: ',
    re(`R?E?IP: (?:[0-9a-f]{4}:)?(?:\\[<[0-9a-f]+>\\] +){0,2}${SYMBOL}${PLACE}${MODULE}`),
    'RIP: 0010:vexfs_f+0x1/0x2 [vexfs]',
  ],
  ['rip-address', 'IP: ', /R?E?IP: (?:[0-9a-f]{4}:)?(?:0x)?\[?<?(?<address>[0-9a-f]+)/, 'RIP: 0010:0x0'],
  ['pc', 'pc : ', re(`^pc : (?:\\[<[0-9a-f]+>\\] +)?${SYMBOL}${PLACE}${MODULE}`), 'pc : vexfs_f+0x1/0x2 [vexfs]'],
  ['pc-is', 'PC is at ', re(`^PC is at ${SYMBOL}${PLACE}${MODULE}`), 'PC is at vexfs_f+0x1/0x2 [vexfs]'],
  ['epc', 'epc : ', re(`^epc : ${SYMBOL}${PLACE}${MODULE}`), 'epc : vexfs_f+0x1/0x2'],
  ['nip', 'NIP [', re(`^NIP \\[[0-9a-f]+\\] ${SYMBOL}${PLACE}${MODULE}`), 'NIP [c000000000000000] vexfs_f+0x1/0x2'],
  [
    'psw',
    'Krnl PSW',
    re(`Krnl PSW : [0-9a-f]+ [0-9a-f]+ \\(${SYMBOL}`),
    'Krnl PSW : 0704c00180000000 000000000012 (vexfs_f+0x1/0x2)',
  ],
  ['link', 'lr : ', re(`^lr : (?:\\[<[0-9a-f]+>\\] +)?(?<fn>[A-Za-z0-9_]+)`), 'lr : vexfs_g+0x1/0x2'],
  [
    'code',
    'Code: ',
    /Code: (?<code>(?:[<(]?[0-9a-f]{2,8}[>)]? ?|Bad RIP value.*|Unable to access.*)+)/,
    'Code: 0f 0b <48> 8b',
  ],
  [
    'stack-pointer',
    'RSP: ',
    /RSP: (?<selector>[0-9a-f]{4}):(?<RSP>[0-9a-f]+)(?: +EFLAGS: (?<EFLAGS>[0-9a-f]+))?/,
    'RSP: 0018:ffffc90000000000 EFLAGS: 00010246',
  ],
  [
    'registers',
    ':',
    /^(?:[RE][A-Z0-9]{2}|R\d\d|CR\d|DR\d|[CDEFGS]S|PKRU|ORIG_RAX|EFLAGS): {1,2}[0-9a-f]{4,16}\b/,
    'RAX: 0000000000000000 RBX: ffff888000000000 RCX: 0000000000000001',
  ],
  [
    'registers',
    ' ',
    /^ ?(?:x|r|a|s|t|ra|gp|tp|sp|pc|fp|ip|lr|epc|cause|status) ?\d* ?: ?\[?<?[0-9a-f]{8,16}/,
    'x29: ffff800080000000 x28: ffff000000000000 x27: 0000000000000000',
  ],
  [
    'registers',
    ':',
    /^(?:GPR\d\d:|Krnl GPRS:|MSR: |REGS: |CFAR: |pstate: |Flags: |Control: |CPSR|\s+R:\d T:\d)/,
    'pstate: 60400005 (nZCv daif +PAN -UAO)',
  ],
  ['register-row', '  ', /^ {2,}[0-9a-f]{16} [0-9a-f]{16}/, '           0000000000000000 0000000000000001'],
  [
    'page-table',
    'P',
    /^(?:PGD|P4D|PUD|pgd|\[[0-9a-f]+\] (?:\*?pgd|pgd)|user pgtable|swapper pgtable|pgd =)/,
    'PGD 0 P4D 0',
  ],
  ['fault-code', '#PF', /^#PF: (?<fault>.*)$/, '#PF: supervisor read access in kernel mode'],
  [
    'oops',
    'Oops: ',
    /^(?:Internal error: )?Oops: (?<rest>.*?)(?: \[#(?<number>\d+)\].*)?$/,
    'Oops: 0002 [#1] SMP KASAN',
  ],
  ['abort-info', 'nfo:', /^(?:Mem|Data) abort info:|^ {2}(?:ESR|EC|SET|EA|FSC|ISV|CM|Access)\b/, 'Mem abort info:'],
  [
    'abort-row',
    ' = ',
    /^ {2}(?:ESR|EC|SET|EA|S1PTW|FSC|ISV|ISS|CM|WnR|TnD|GCS|Access|xs)[^=]{0,24}= /,
    '  ESR = 0x0000000096000004',
  ],
  ['call-trace', 'race', /^\s*(?:\[<[0-9a-f]+>\] +)?(?:Call [Tt]race|Backtrace|Trace):/, 'Call Trace:'],
  ['stack-switch', '<', /^ ?<\/?(?:TASK|IRQ|SOFTIRQ|NMI|#DF|#DB|EOI|HARDIRQ|ENTRY_TRAMPOLINE)>/, ' <TASK>'],
  [
    'trap-counter',
    '[#',
    /^(?:Oops: )?(?<trap>[a-z0-9_ -]+): (?<code>[0-9a-f]{4,16}) \[#(?<number>\d+)\]/,
    'stack guard page: 0000 [#1] PREEMPT SMP',
  ],
  ['stack-dump', 'xception stack', /^Exception stack/, 'Exception stack(0xc0000000 to 0xc0000048)'],
  ['stack-dump', 'Stack:', /^Stack:|^Exception stack|^Stack\(/, 'Stack:'],
  [
    'stack-words',
    ' ',
    /^ (?:[0-9a-f]{8,16} ){3}[0-9a-f]{8,16}/,
    ' ffff880066befc88 0000000000000000 0000000000000001 0000000000000002',
  ],
  ['arm-register-info', 'Register ', /^Register r\d+ information:/, 'Register r1 information: NULL pointer'],
  ['memory-row', ' ', /^[0-9a-f]{4}:? +(?:(?:[0-9a-f]{4,16}|\*{8}) *)+$/, 'de20:                   8067b314 0b6d83e6'],
  [
    'arm-frame',
    ' from ',
    re(`^\\s*\\[<[0-9a-f]+>\\] \\((?<fn>[A-Za-z0-9_.]+)\\) from \\[<[0-9a-f]+>\\] \\((?<caller>[A-Za-z0-9_.]+)\\+`),
    ' [<c0>] (vexfs_f) from [<c1>] (vexfs_g+0x1/0x2)',
  ],
  [
    'arm-frame-new',
    ' from ',
    /^ (?<fn>[A-Za-z0-9_.]+)(?: \[\w+\])? from (?<caller>[A-Za-z0-9_.]+)\+0x/,
    ' vexfs_f from vexfs_g+0x1/0x2',
  ],
  [
    'frame',
    '+0x',
    re(
      `^\\s*(?:<[A-Z#]+> *)?(?:\\[[<0-9a-fx>]+\\] ){0,2}(?:\\((?:un)?reliable\\) )?(?<guess>\\? +)?(?:\\[[<0-9a-fx>]+\\] )?${SYMBOL}${PLACE}${MODULE}`,
    ),
    ' vexfs_f.isra.0+0x1/0x2 [vexfs]',
  ],
  [
    'frame-inlined',
    '[inline]',
    /^\s*(?:\[[<0-9a-fx>]+\] )?(?<fn>[A-Za-z0-9_.]+) (?<file>[A-Za-z0-9_./-]+):(?<line>\d+) \[inline\]/,
    ' vexfs_f fs/vexfs/a.c:1 [inline]',
  ],
  [
    'frame-placed',
    ':',
    /^ +(?:\[[<0-9a-fx>]+\] )?(?<fn>[A-Za-z0-9_.]+) (?<file>[A-Za-z0-9_./-]+\.[chS]):(?<line>\d+)$/,
    ' vexfs_f fs/vexfs/a.c:1',
  ],
  ['frame-address', '[<', /^\s*\[<(?<address>[0-9a-f]+)>\] +0x/, ' [<ffffffffa0000000>] 0xffffffffa0000000'],
  ['kernel-offset', 'Kernel Offset: ', /^Kernel Offset: /, 'Kernel Offset: disabled'],
  ['panic-tail', 'ebooting', /^Rebooting in \d+ seconds/, 'Rebooting in 1 seconds..'],
  ['dumping', 'ftrace buffer', /^Dumping ftrace buffer|^ {3}\(ftrace buffer empty\)/, 'Dumping ftrace buffer:'],
  ['locks-note', 'lockdep', /^INFO: lockdep is turned off/, 'INFO: lockdep is turned off.'],
  [
    'taint-note',
    'Disabling lock',
    /^Disabling lock debugging due to kernel taint/,
    'Disabling lock debugging due to kernel taint',
  ],
  ['irq-stamp', 'irq', /^(?:irq event stamp|hardirqs last|softirqs last)/, 'irq event stamp: 100'],
  ['preempt-at', 'reemption disabled at', /^Preemption disabled at:/, 'Preemption disabled at:'],
  ['note-line', 'note: ', /^note: .* exited with /, 'note: a[1] exited with irqs disabled'],
);
