import type { Kind } from '../model/kinds.ts';

export type KernelName = 'stock' | '6.12' | 'kasan' | 'kcsan' | 'arm64';

/** What a fault must be recognised as on a kernel. */
export interface FaultRow {
  /** Name, or NAME=ARG. */
  readonly fault: string;
  readonly kernel: KernelName;
  readonly kind: Kind;
  readonly title: string;
}

const rows = (
  kernel: KernelName,
  table: readonly (readonly [fault: string, kind: Kind, title: string])[],
): FaultRow[] => table.map(([fault, kind, title]) => ({ fault, kernel, kind, title }));

/** Every fault of the module that a kernel's detectors see, and the finding that it must give. */
export const FAULT_TABLE: readonly FaultRow[] = [
  ...rows('stock', [
    ['null-deref', 'null-deref', 'BUG: unable to handle kernel NULL pointer dereference in vexfs_fault_null_deref'],
    ['paging-request', 'paging-request', 'BUG: unable to handle kernel paging request in vexfs_fault_paging_request'],
    ['wild-pointer', 'general-protection', 'general protection fault in vexfs_fault_wild_address'],
    ['bug', 'bug', 'kernel BUG in vexfs_fault_bug'],
    ['warn', 'warning', 'WARNING in vexfs_fault_warn'],
    ['warn-text', 'warning', 'WARNING in vexfs_fault_warn_text'],
    ['divide-error', 'divide-error', 'divide error in vexfs_fault_divide_error'],
    // The innermost frames are those of the recursion; the stall rule blames what entered it.
    ['stack-overflow', 'stack-overflow', 'BUG: stack guard page was hit in vexfs_fault_write'],
    ['panic', 'panic', 'kernel panic: vexfs: fault on demand'],
    ['double-free', 'slab-corruption', 'BUG: Object already free'],
    ['list-corruption', 'list-corruption', 'BUG: corrupted list in vexfs_fault_list_corruption'],
    ['refcount-underflow', 'refcount', 'WARNING: refcount bug in vexfs_fault_count_underflow'],
    ['memory-hog', 'oom', 'out of memory: killed vexfs-agent'],
    ['abba-deadlock', 'trace-deadlock', 'deadlock: tasks wait for each other on fault.abba_a, fault.abba_b'],
    ['recursive-lock', 'trace-deadlock', 'deadlock: tasks wait for each other on fault.recursive'],
    ['lock-inversion', 'trace-lock-order', 'lock order: fault.inversion_a, fault.inversion_b are taken in a circle'],
    ['irq-lock-inversion', 'trace-lock-irq', 'lock fault.timer_lock is taken in softirq, and held with softirqs on'],
    ['atomic-sleep', 'trace-atomic-sleep', 'sleeping lock fault.atomic_inner is taken where nobody may sleep'],
    ['soft-lockup=60', 'soft-lockup', 'BUG: soft lockup in vexfs_fault_write'],
    ['rcu-stall=60', 'rcu-stall', 'INFO: rcu detected stall in vexfs_fault_write'],
    ['hung-task=60', 'hung-task', 'INFO: task hung in vexfs_fault_thread_main'],
    ['lost-wakeup', 'hung-task', 'INFO: task hung in vexfs_fault_thread_main'],
    ['slow-op', 'slow-operation', 'slow operation: slow_op'],
    [
      'mount-failure',
      'mount-failure',
      'vexfs: mount failed: superblock checksum mismatch (stored ADDR, computed ADDR)',
    ],
    ['io-error', 'fs-error', 'VEXFS error: vexfs_write_locked: I/O error writing inode NUM at offset NUM'],
  ]),
  ...rows('6.12', [
    ['null-deref', 'null-deref', 'BUG: unable to handle kernel NULL pointer dereference in vexfs_fault_null_deref'],
    ['wild-pointer', 'general-protection', 'general protection fault in vexfs_fault_wild_address'],
    ['bug', 'bug', 'kernel BUG in vexfs_fault_bug'],
    ['warn-text', 'warning', 'WARNING in vexfs_fault_warn_text'],
    ['list-corruption', 'list-corruption', 'BUG: corrupted list in vexfs_fault_list_corruption'],
    ['memory-hog', 'oom', 'out of memory: killed vexfs-agent'],
    ['soft-lockup=60', 'soft-lockup', 'BUG: soft lockup in vexfs_fault_write'],
    ['panic', 'panic', 'kernel panic: vexfs: fault on demand'],
  ]),
  ...rows('kasan', [
    ['null-deref', 'kasan-null-deref', 'KASAN: null-ptr-deref Write in vexfs_fault_null_deref'],
    ['wild-pointer', 'kasan-wild-access', 'KASAN: wild-memory-access Read in vexfs_fault_wild_address'],
    ['uaf-read', 'kasan-use-after-free', 'KASAN: use-after-free Read in vexfs_fault_use_after_free_read'],
    ['uaf-write', 'kasan-use-after-free', 'KASAN: use-after-free Write in vexfs_fault_use_after_free_write'],
    ['slab-oob-read', 'kasan-out-of-bounds', 'KASAN: slab-out-of-bounds Read in vexfs_fault_write'],
    ['slab-oob-write', 'kasan-out-of-bounds', 'KASAN: slab-out-of-bounds Write in vexfs_fault_write'],
    ['stack-oob', 'kasan-out-of-bounds', 'KASAN: stack-out-of-bounds Read in vexfs_fault_stack_out_of_bounds'],
    ['global-oob', 'kasan-out-of-bounds', 'KASAN: global-out-of-bounds Read in vexfs_fault_global_out_of_bounds'],
    ['double-free', 'kasan-invalid-free', 'KASAN: invalid-free in vexfs_fault_double_free'],
    ['invalid-free', 'kasan-invalid-free', 'KASAN: invalid-free in vexfs_fault_invalid_free'],
    ['list-corruption', 'list-corruption', 'WARNING in vexfs_fault_list_corruption'],
    ['ubsan-shift', 'ubsan-shift', 'UBSAN: shift-out-of-bounds in vexfs_fault_write'],
    ['ubsan-bounds', 'ubsan-bounds', 'UBSAN: array-index-out-of-bounds in vexfs_fault_write'],
    ['atomic-sleep', 'atomic-sleep', 'BUG: sleeping function called from invalid context in vexfs_fault_atomic_sleep'],
    ['abba-deadlock', 'lockdep-circular', 'possible deadlock in vexfs_fault_abba_first'],
    ['recursive-lock', 'lockdep-recursive', 'possible deadlock in vexfs_fault_recursive_inner'],
    ['lock-inversion', 'lockdep-circular', 'possible deadlock in vexfs_fault_lock_b_then_a'],
    ['irq-lock-inversion', 'lockdep-inconsistent-state', 'inconsistent lock state in vexfs_fault_timer'],
    ['unlock-imbalance', 'lockdep-unlock-imbalance', 'WARNING: bad unlock balance in vexfs_fault_unlock_imbalance'],
    [
      'held-lock-return',
      'lockdep-locks-held',
      'WARNING: lock held when returning to user space in vexfs_fault_held_lock_return',
    ],
    ['rcu-usage', 'lockdep-rcu-usage', 'WARNING: suspicious RCU usage in vexfs_fault_write'],
  ]),
  // A division by zero is no fault there, and an address that is none is an unmapped one.
  ...rows('arm64', [
    ['null-deref', 'null-deref', 'BUG: unable to handle kernel NULL pointer dereference in vexfs_fault_null_deref'],
    ['paging-request', 'paging-request', 'BUG: unable to handle kernel paging request in vexfs_fault_paging_request'],
    ['wild-pointer', 'paging-request', 'BUG: unable to handle kernel paging request in vexfs_fault_wild_address'],
    ['bug', 'bug', 'kernel BUG in vexfs_fault_bug'],
    ['warn', 'warning', 'WARNING in vexfs_fault_warn'],
    ['warn-text', 'warning', 'WARNING in vexfs_fault_warn_text'],
    ['stack-overflow', 'stack-overflow', 'kernel stack overflow in vexfs_fault_write'],
    ['panic', 'panic', 'kernel panic: vexfs: fault on demand'],
    ['double-free', 'slab-corruption', 'BUG: Object already free'],
    ['list-corruption', 'list-corruption', 'BUG: corrupted list in vexfs_fault_list_corruption'],
    ['refcount-underflow', 'refcount', 'WARNING: refcount bug in vexfs_fault_count_underflow'],
    ['memory-hog', 'oom', 'out of memory: killed vexfs-agent'],
    ['soft-lockup=60', 'soft-lockup', 'BUG: soft lockup in vexfs_fault_write'],
    ['rcu-stall=60', 'rcu-stall', 'INFO: rcu detected stall in vexfs_fault_write'],
    ['hung-task=60', 'hung-task', 'INFO: task hung in vexfs_fault_thread_main'],
    [
      'mount-failure',
      'mount-failure',
      'vexfs: mount failed: superblock checksum mismatch (stored ADDR, computed ADDR)',
    ],
    ['io-error', 'fs-error', 'VEXFS error: vexfs_write_locked: I/O error writing inode NUM at offset NUM'],
  ]),
  ...rows('kcsan', [
    ['null-deref', 'null-deref', 'BUG: unable to handle kernel NULL pointer dereference in vexfs_fault_null_deref'],
    ['warn', 'warning', 'WARNING in vexfs_fault_warn'],
    ['list-corruption', 'list-corruption', 'WARNING in vexfs_fault_list_corruption'],
    ['memory-hog', 'oom', 'out of memory: killed vexfs-agent'],
    [
      'data-race',
      'kcsan-data-race',
      'KCSAN: data-race in vexfs_fault_race_plain [vexfs] / vexfs_fault_race_plain [vexfs]',
    ],
  ]),
];

/** Twins of the data race that are correctly synchronized: no kernel may report them. */
export const SILENT_FAULTS = ['data-race-locked', 'data-race-atomic'] as const;
