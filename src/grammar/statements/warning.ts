import { FN, pattern, SOURCE } from '../fragments.ts';
import { rows } from './statement-row.ts';

/** A `WARN` from one source file: the words behind the place are the function that warned, or `at`. */
const from = (file: string, words: string): RegExp => pattern`WARNING: .{0,300}${file}:[0-9]+.{0,300} (?:${words})`;

/** Headlines with `WARNING:` (kernel/panic.c __warn, kernel/locking/lockdep.c, arch/x86/kernel/unwind_frame.c). */
export const WARNING_STATEMENTS = rows(
  [
    'warn-odebug',
    from('lib/debugobjects\\.c', 'debug_print|debug_check|at'),
    'WARNING: CPU: 0 PID: 1 at lib/debugobjects.c:1 debug_print_object+0x1/0x2',
  ],
  [
    'warn-usercopy',
    from('mm/usercopy\\.c', 'usercopy_warn|at'),
    'WARNING: CPU: 0 PID: 1 at mm/usercopy.c:1 usercopy_warn+0x1/0x2',
  ],
  [
    'warn-kobject',
    from('lib/kobject\\.c', 'kobject_|at'),
    'WARNING: CPU: 0 PID: 1 at lib/kobject.c:1 kobject_get+0x1/0x2',
  ],
  [
    'warn-proc',
    from('fs/proc/generic\\.c', 'proc_register|at'),
    'WARNING: CPU: 0 PID: 1 at fs/proc/generic.c:1 proc_register+0x1/0x2',
  ],
  [
    'warn-refcount',
    from('lib/refcount\\.c', 'refcount_|at'),
    'WARNING: CPU: 0 PID: 1 at lib/refcount.c:1 refcount_warn_saturate+0x1/0x2',
  ],
  [
    'warn-lockdep',
    /WARNING: .*kernel\/locking\/lockdep\.c:[0-9]+.*lock_/,
    'WARNING: CPU: 0 PID: 1 at kernel/locking/lockdep.c:1 lock_release+0x1/0x2',
  ],
  [
    'locks-held',
    /WARNING: (?:(?<comm>.*)\/(?<pid>\d+) |.*)still has locks held!/,
    'WARNING: a/1 still has locks held!',
  ],
  ['nested-lock', /WARNING: Nested lock was not taken/, 'WARNING: Nested lock was not taken'],
  [
    'lock-to-user',
    /WARNING: lock held when returning to user space/,
    'WARNING: lock held when returning to user space!',
  ],
  [
    'warn-kmalloc',
    /WARNING: .*mm\/.*\.c.* k?.?malloc/,
    'WARNING: CPU: 0 PID: 1 at mm/slab_common.c:1 kmalloc_slab+0x1/0x2',
  ],
  [
    'warn-vmalloc',
    /WARNING: .*mm\/vmalloc\.c:[0-9]+.*__vmalloc_node/,
    'WARNING: CPU: 0 PID: 1 at mm/vmalloc.c:1 __vmalloc_node_range+0x1/0x2',
  ],
  [
    'warn-urb',
    /WARNING: .* usb_submit_urb/,
    'WARNING: CPU: 0 PID: 1 at drivers/usb/core/urb.c:1 usb_submit_urb+0x1/0x2',
  ],
  [
    'warn-cpu-last',
    pattern`WARNING: (?<where>${SOURCE}) at 0x[0-9]+, CPU#(?<cpu>[0-9]+)(?:: (?<comm>.*)/(?<pid>[0-9]+))?`,
    'WARNING: fs/a.c:1 at 0x0, CPU#1: a/1',
  ],
  [
    'warn-at',
    pattern`WARNING: (?:CPU: (?<cpu>[0-9]+) PID: (?<pid>[0-9]+) )?.*at (?<where>${SOURCE}) ${FN}`,
    'WARNING: CPU: 0 PID: 1 at fs/vexfs/a.c:1 vexfs_f+0x1/0x2 [vexfs]',
  ],
  [
    'warn-path',
    pattern`WARNING: (?<where>${SOURCE}) at ${FN}(?:.*, CPU#(?<cpu>[0-9]+): (?<comm>.*)/(?<pid>[0-9]+))?`,
    'WARNING: fs/vexfs/a.c:1 at vexfs_f+0x1/0x2 [vexfs], CPU#0: a/1',
  ],
  [
    'warn-text-path',
    pattern`WARNING: \[(?<condition>.*)\] (?<where>${SOURCE}) at ${FN}(?:.*, CPU#(?<cpu>[0-9]+): (?<comm>.*)/(?<pid>[0-9]+))?`,
    'WARNING: [a != b] fs/vexfs/a.c:1 at f+0x1/0x2, CPU#0: a/1',
  ],
  [
    'lockdep-circular',
    /WARNING: possible circular locking dependency detected/,
    'WARNING: possible circular locking dependency detected',
  ],
  [
    'lockdep-irq',
    /WARNING: possible irq lock inversion dependency detected/,
    'WARNING: possible irq lock inversion dependency detected',
  ],
  [
    'lockdep-order',
    /WARNING: (?<irqClass>.*)-safe -> .*-unsafe lock order detected/,
    'WARNING: SOFTIRQ-safe -> SOFTIRQ-unsafe lock order detected',
  ],
  ['lockdep-recursive', /WARNING: possible recursive locking detected/, 'WARNING: possible recursive locking detected'],
  ['lockdep-state', /WARNING: inconsistent lock state/, 'WARNING: inconsistent lock state'],
  ['rcu-usage', /WARNING: suspicious RCU usage/, 'WARNING: suspicious RCU usage'],
  [
    'stack-regs-value',
    /WARNING: kernel stack regs at [0-9a-f]+ .*has bad '(?<register>.*)' value/,
    "WARNING: kernel stack regs at ffff in a:1 has bad 'bp' value ffff",
  ],
  [
    'stack-pointer-value',
    /WARNING: kernel stack frame pointer at [0-9a-f]+ .*has bad value/,
    'WARNING: kernel stack frame pointer at ffff in a:1 has bad value ffff',
  ],
  ['unlock-balance', /WARNING: bad unlock balance detected!/, 'WARNING: bad unlock balance detected!'],
  ['held-lock-freed', /WARNING: held lock freed!/, 'WARNING: held lock freed!'],
  ['stack-regs', /WARNING: kernel stack regs/, 'WARNING: kernel stack regs has bad value'],
  ['stack-pointer', /WARNING: kernel stack frame pointer/, 'WARNING: kernel stack frame pointer has bad value'],
  ['warning-bare', /WARNING:\s*$/, 'WARNING:'],
);
