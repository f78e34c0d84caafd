import { FN, pattern } from '../fragments.ts';
import { rows } from './statement-row.ts';

/** Headlines of the remaining groups, by headline row. */
export const OTHER_STATEMENTS = {
  unable: rows(
    [
      'unable-to-handle',
      /Unable to handle kernel (?<what>paging request|NULL pointer dereference|access to user memory)(?:.*?address:? (?<address>[0-9a-fx]{8,18})(?: when (?<access>read|write|execute))?)?/,
      'Unable to handle kernel NULL pointer dereference at virtual address 0000000000000008',
    ],
    // arch/arm64/mm/fault.c die_kernel_fault, arch/s390/mm/fault.c
    [
      'unable-other',
      /Unable to handle kernel (?<what>pointer dereference|execution of user memory|execute from non-executable memory|write to read-only memory|read from unreadable memory|instruction fetch)(?: at virtual address (?<address>[0-9a-f]{8,16}))?/,
      'Unable to handle kernel write to read-only memory at virtual address ffff800008000000',
    ],
  ),
  gpf: rows(
    ['gpf', /general protection fault.*:/, 'general protection fault: 0000 [#1] SMP'],
    [
      'gpf-address',
      /general protection fault, (?:probably|maybe) for .*address (?<address>0x[0-9a-f]+)/,
      'Oops: general protection fault, probably for non-canonical address 0xdead000000000100: 0000 [#1] SMP',
    ],
  ),
  'stack-segment': rows(['stack-segment', /stack segment: /, 'stack segment: 0000 [#1] SMP']),
  panic: rows(
    [
      'panic-stack-protector',
      pattern`Kernel panic - not syncing: stack-protector: Kernel stack is corrupted in: ${FN}`,
      'Kernel panic - not syncing: stack-protector: Kernel stack is corrupted in: f+0x1/0x2',
    ],
    [
      'panic-stack-protector-address',
      /Kernel panic - not syncing: stack-protector: Kernel stack is corrupted in: [0-9a-f]+/,
      'Kernel panic - not syncing: stack-protector: Kernel stack is corrupted in: ffffffff81',
    ],
    [
      'panic-stack-end',
      /Kernel panic - not syncing: corrupted stack end detected inside scheduler/,
      'Kernel panic - not syncing: corrupted stack end detected inside scheduler',
    ],
    [
      'panic-stack-overflow',
      /Kernel panic - not syncing: kernel stack overflow/,
      'Kernel panic - not syncing: kernel stack overflow',
    ],
    // arch/riscv/kernel/traps.c handle_bad_stack
    [
      'panic-stack-overflow-upper',
      /Kernel panic - not syncing: Kernel stack overflow/,
      'Kernel panic - not syncing: Kernel stack overflow',
    ],
    [
      'panic-init',
      /Kernel panic - not syncing: Attempted to kill init!(?: exitcode=(?<exitCode>0x[0-9a-f]+))?/,
      'Kernel panic - not syncing: Attempted to kill init! exitcode=0x0000000b',
    ],
    [
      'panic-tty',
      /Kernel panic - not syncing: Couldn't open N_TTY ldisc for [^ ]+ --- error -[0-9]+/,
      "Kernel panic - not syncing: Couldn't open N_TTY ldisc for tty1 --- error -12.",
    ],
    [
      'panic-echo',
      /Kernel panic - not syncing: (?<what>Fatal exception|panic_on_warn set|hung_task: blocked tasks)/,
      'Kernel panic - not syncing: Fatal exception',
    ],
    ['panic', /Kernel panic - not syncing: (?<message>.*)/, 'Kernel panic - not syncing: VFS: Unable to mount root fs'],
  ),
  'double-fault': rows([
    'double-fault',
    /PANIC: double fault(?:, error_code: (?<errorCode>0x[0-9a-f]+))?/,
    'traps: PANIC: double fault, error_code: 0x0',
  ]),
  rust: rows([
    'rust',
    /rust_kernel: panicked at (?:(?<where>\S+:\d+:\d+):?|.*)/,
    'rust_kernel: panicked at drivers/a.rs:1:2:',
  ]),
  'kernel-bug': rows(
    ['bug-usercopy', /kernel BUG at mm\/usercopy\.c/, 'kernel BUG at mm/usercopy.c:1!'],
    ['bug-list', /kernel BUG at lib\/list_debug\.c/, 'kernel BUG at lib/list_debug.c:1!'],
    ['bug-at', /kernel BUG at (?<where>[^!]*)/, 'kernel BUG at fs/vexfs/a.c:1!'],
  ),
  'Kernel-BUG': rows(['bug-upper', /Kernel BUG (?<rest>.*)/, 'Kernel BUG at f [verbose debug info unavailable]']),
  slub: rows(['slub-free', /BUG kmalloc-.*: Object already free/, 'BUG kmalloc-64 (Not tainted): Object already free']),
  divide: rows(['divide', /divide error: /, 'divide error: 0000 [#1] SMP']),
  'divide-old': rows(['divide', /divide_error: /, 'divide_error: 0000 [#1] SMP']),
  'invalid-opcode': rows(['invalid-opcode', /invalid opcode: /, 'invalid opcode: 0000 [#1] SMP']),
  int3: rows(['int3', /int3: /, 'int3: 0000 [#1] SMP']),
  ubsan: rows(
    ['ubsan-old', /UBSAN: Undefined behaviour in(?: (?<where>\S+))?/, 'UBSAN: Undefined behaviour in fs/vexfs/a.c:1:2'],
    [
      'ubsan-bounds',
      /UBSAN: array-index-out-of-bounds in(?: (?<where>\S+))?/,
      'UBSAN: array-index-out-of-bounds in fs/vexfs/a.c:1:2',
    ],
    ['ubsan', /UBSAN: (?<what>.*?) in(?: (?<where>\S+))?/, 'UBSAN: shift-out-of-bounds in fs/vexfs/a.c:1:2'],
  ),
  booting: rows(['booting', /^Booting the kernel/, 'Booting the kernel.']),
  netdevice: rows([
    'netdevice',
    /unregister_netdevice: waiting for (?<device>.*) to become free(?:\. Usage count = (?<usageCount>-?\d+))?/,
    'unregister_netdevice: waiting for lo to become free. Usage count = 2',
  ]),
  'vfs-close': rows(['vfs-close', /VFS: Close: file count is 0/, 'VFS: Close: file count is 0']),
  'vfs-inodes': rows([
    'vfs-inodes',
    /VFS: Busy inodes after unmount(?: of (?<device>\S+)(?: \((?<fs>\w+)\))?)?/,
    'VFS: Busy inodes after unmount of sda (vexfs)',
  ]),
  'internal-error': rows([
    'internal-error',
    /Internal error:(?: (?<what>[A-Za-z][^:[]*))?/,
    'Internal error: Oops: 0000000096000004 [#1] SMP',
  ]),
  'unhandled-fault': rows([
    'unhandled-fault',
    /Unhandled fault:(?: (?<what>[^(]*?) \((?<faultStatus>0x[0-9a-f]+)\) at (?<address>0x[0-9a-f]+))?/,
    'Unhandled fault: alignment exception (0x001) at 0x0',
  ]),
  alignment: rows(['alignment', /Alignment trap:/, 'Alignment trap: not handling instruction']),
  trusty: rows(
    [
      'trusty-assert',
      /panic \(.*?\):(?: DEBUG)? ASSERT FAILED at \(.*?\):(?<rest>.*)/,
      'trusty: panic (caller 0x1): DEBUG ASSERT FAILED at (a.c:1): x',
    ],
    ['trusty-panic', /panic \(.*?\): (?<rest>.*)/, 'trusty: panic (caller 0x1): x'],
  ),
  'go-fatal': rows(['go-fatal', /fatal error:/, 'fatal error: all goroutines are asleep']),
  syzfail: rows(['syzfail', /SYZFAIL:(?<rest>.*)/, 'SYZFAIL: x']),
  syzfatal: rows(['syzfatal', /SYZFATAL:(?<rest>.*)/, 'SYZFATAL: x']),
  'go-panic': rows(
    ['sentry', /panic: Sentry detected .* stuck task/, 'panic: Sentry detected 1 stuck task(s)'],
    ['go-panic', /panic:(?<rest>.*)/, 'panic: x'],
  ),
} as const;
