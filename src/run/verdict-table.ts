import type { Kind } from '../model/kinds.ts';

/** What three judges say of a fault of locking. Null: silence. */
export interface VerdictRow {
  readonly fault: string;
  /** From the module's trace events, on any kernel. */
  readonly trace: Kind | null;
  /** With accesses traced as well (`--races`). */
  readonly races: Kind | null;
  /** Lockdep and its neighbours, on a kernel that is built with them. */
  readonly lockdep: Kind | null;
  readonly kcsan: Kind | null;
  /** Why the first two say nothing where the others do, or the other way round. */
  readonly because: string;
}

const row = (
  fault: string,
  [trace, races, lockdep, kcsan]: readonly [Kind | null, Kind | null, Kind | null, Kind | null],
  because = '',
): VerdictRow => ({ fault, trace, races, lockdep, kcsan, because });

/** Every fault of locking and races that the module has, with its twins that are none. */
export const VERDICTS: readonly VerdictRow[] = [
  row('lock-inversion', ['trace-lock-order', 'trace-lock-order', 'lockdep-circular', null]),
  row('abba-deadlock', ['trace-deadlock', 'trace-deadlock', 'lockdep-circular', null]),
  row('recursive-lock', ['trace-deadlock', 'trace-deadlock', 'lockdep-recursive', null]),
  row('irq-lock-inversion', ['trace-lock-irq', 'trace-lock-irq', 'lockdep-inconsistent-state', null]),
  row('atomic-sleep', ['trace-atomic-sleep', 'trace-atomic-sleep', 'atomic-sleep', null]),
  row(
    'unlock-imbalance',
    [null, null, 'lockdep-unlock-imbalance', null],
    'a release without its acquisition looks like an acquisition that was lost',
  ),
  row(
    'held-lock-return',
    [null, null, 'lockdep-locks-held', null],
    'no event of the module says that a task returns to user space',
  ),
  row('rcu-usage', [null, null, 'lockdep-rcu-usage', null], 'the module traces no RCU sections'),
  row('data-race', [null, 'trace-data-race', null, 'kcsan-data-race']),
  row('data-race-locked', [null, null, null, null]),
  row('data-race-atomic', [null, null, null, null]),
  row('missing-lock', [null, 'trace-data-race', null, 'kcsan-data-race'], 'KCSAN samples: it has to meet both'),
];
