import type { Classification, Severity } from './classification.ts';

export type FindingEvent = 'crash' | 'race' | 'lock' | 'leak';

export interface KindRow {
  readonly event: FindingEvent;
  readonly classification: Classification;
  readonly severity: Severity;
  /** First version of vexfs-trace that emits the kind. A kind is never renamed. */
  readonly since: string;
}

const row =
  (event: FindingEvent, classification: Classification, severity: Severity, since = '0.1.0') =>
  (): KindRow => ({ event, classification, severity, since });

const oops = row('crash', 'module-crash', 'critical');
const warning = row('crash', 'module-crash', 'major');
const memory = row('crash', 'memory-corruption', 'critical');
const uninitialized = row('crash', 'memory-corruption', 'major');
const undefinedBehaviour = row('crash', 'module-crash', 'major');
const hang = row('crash', 'system-hang', 'fatal');
const panic = row('crash', 'kernel-panic', 'fatal');
const deadlock = row('lock', 'deadlock', 'critical');
const locking = row('lock', 'deadlock', 'major');
const race = row('race', 'race', 'major');

/** Every kind of finding with what it means when no pattern says better. */
export const KINDS = {
  'null-deref': oops(),
  'paging-request': oops(),
  'user-memory-access': oops(),
  'general-protection': oops(),
  'stack-segment': oops(),
  'divide-error': oops(),
  'invalid-opcode': oops(),
  int3: oops(),
  'internal-error': oops(),
  'unhandled-fault': oops(),
  'alignment-trap': oops(),
  bug: oops(),
  'bug-other': oops(),
  'rust-panic': oops(),
  usercopy: memory(),
  warning: warning(),
  'warning-other': warning(),
  'atomic-sleep': warning(),
  'scheduling-while-atomic': warning(),
  'preemptible-use': warning(),
  'debug-objects': warning(),
  kobject: warning(),
  refcount: memory(),
  'list-corruption': memory(),
  'slab-corruption': memory(),
  'bad-page': memory(),
  'bad-rss': memory(),
  'kasan-use-after-free': memory(),
  'kasan-out-of-bounds': memory(),
  'kasan-invalid-free': memory(),
  'kasan-null-deref': memory(),
  'kasan-wild-access': memory(),
  'kasan-other': memory(),
  'kfence-use-after-free': memory(),
  'kfence-out-of-bounds': memory(),
  'kfence-invalid-free': memory(),
  'kfence-memory-corruption': memory(),
  'kfence-invalid-access': memory(),
  'kmsan-uninit': uninitialized(),
  'kmsan-infoleak': uninitialized(),
  'kmsan-other': uninitialized(),
  'ubsan-bounds': undefinedBehaviour(),
  'ubsan-shift': undefinedBehaviour(),
  'ubsan-other': undefinedBehaviour(),
  'double-fault': panic(),
  'stack-overflow': panic(),
  'stack-corruption': panic(),
  panic: panic(),
  'unexpected-reboot': panic(),
  mce: panic(),
  nmi: row('crash', 'unknown', 'major')(),
  'soft-lockup': hang(),
  'hard-lockup': hang(),
  'rcu-stall': hang(),
  'workqueue-lockup': hang(),
  'hung-task': row('crash', 'deadlock', 'critical')(),
  'guest-hang': hang(),
  'guest-exit': panic(),
  /** Not its own doing: nothing is known of its kernel. */
  'guest-frozen': row('crash', 'system-hang', 'critical')(),
  /** The kernel lives: only what answers for the guest is gone. */
  'agent-dead': row('crash', 'unknown', 'critical')(),
  oom: row('crash', 'out-of-memory', 'major')(),
  'allocation-failure': row('crash', 'out-of-memory', 'minor')(),
  'fs-error': row('crash', 'io-error', 'major')(),
  'io-error': row('crash', 'io-error', 'major')(),
  'mount-failure': row('crash', 'mount-failure', 'major')(),
  'module-load-failure': row('crash', 'module-crash', 'major')(),
  'user-segfault': row('crash', 'unknown', 'info')(),
  'ktap-failure': row('crash', 'unknown', 'minor')(),
  'vfs-busy-inodes': memory(),
  'vfs-file-count': memory(),
  'netdevice-unregister': hang(),
  'kernel-info': row('crash', 'unknown', 'minor')(),
  'kcsan-data-race': race(),
  'kcsan-assert': race(),
  'trace-data-race': race(),
  'trace-race-suspect': row('race', 'race', 'minor')(),
  'trace-lock-rule': row('race', 'race', 'info')(),
  'lockdep-circular': deadlock(),
  'lockdep-recursive': deadlock(),
  'lockdep-irq-inversion': deadlock(),
  'lockdep-unsafe-order': deadlock(),
  'lockdep-inconsistent-state': deadlock(),
  'lockdep-held-lock-freed': locking(),
  'lockdep-unlock-imbalance': locking(),
  'lockdep-locks-held': locking(),
  'lockdep-nested-lock': locking(),
  'lockdep-wait-context': locking(),
  'lockdep-rcu-usage': locking(),
  'lockdep-non-static-key': locking(),
  'lockdep-bug': locking(),
  'spinlock-bug': deadlock(),
  'trace-deadlock': deadlock(),
  'trace-lock-order': locking(),
  'trace-lock-irq': locking(),
  'trace-atomic-sleep': locking(),
  'memory-leak': row('leak', 'resource-leak', 'major')(),
  'trace-leak': row('leak', 'resource-leak', 'major')(),
  /** Events that are no findings by themselves, and together satisfy a pattern, which says what they mean. */
  'pattern-match': row('crash', 'unknown', 'minor')(),
  'slow-operation': row('crash', 'performance-regression', 'minor')(),
} as const satisfies Record<string, KindRow>;

export type Kind = keyof typeof KINDS;
export const KIND_NAMES = Object.keys(KINDS) as readonly Kind[];
