import type { Action } from '../model/classification.ts';

/** What must work in the guest for an action to make sense: its agent, its console, or only the machine around it. */
export type Needs = 'agent' | 'console' | 'host';

export interface ActionRow {
  readonly needs: Needs;
  /** Mends the kernel that is there. After an oops that is out of the question: locks may be held for ever. */
  readonly inPlace: boolean;
  /** How much is lost by it: 0 nothing, 9 everything that was not synced. Ladders climb in this order. */
  readonly cost: number;
  /** Time for one attempt. */
  readonly timeoutMs: number;
  /** How often one incident may try it. */
  readonly attempts: number;
  /** Only gathers evidence or prepares: its failure never ends a stage. */
  readonly optional: boolean;
}

const row = (needs: Needs, cost: number, timeoutS: number, rest: Partial<ActionRow> = {}): ActionRow => ({
  needs,
  cost,
  timeoutMs: timeoutS * 1000,
  inPlace: false,
  attempts: 1,
  optional: false,
  ...rest,
});

/** Timeouts allow for an emulated CPU: what takes 0.1 s on hardware takes a few seconds there. */
export const ACTION_TABLE: Readonly<Record<Action, ActionRow>> = {
  'keep-running': row('host', 0, 5, { inPlace: true }),
  'sysrq-dump': row('console', 0, 15, { optional: true }),
  'pause-load': row('agent', 1, 15, { optional: true }),
  'resume-load': row('agent', 1, 15, { optional: true }),
  'drop-caches': row('agent', 1, 30, { optional: true }),
  'release-load': row('agent', 2, 20, { optional: true }),
  'remount-read-only': row('agent', 2, 20, { inPlace: true }),
  'end-tasks': row('agent', 3, 20, { inPlace: true, attempts: 2 }),
  unmount: row('agent', 4, 20, { inPlace: true, attempts: 2 }),
  remount: row('agent', 4, 30, { inPlace: true, attempts: 3 }),
  'reload-module': row('agent', 5, 45, { inPlace: true, attempts: 2 }),
  'inject-nmi': row('host', 6, 10, { optional: true }),
  'restore-snapshot': row('host', 7, 60, { attempts: 2 }),
  'reset-guest': row('host', 8, 240, { attempts: 2 }),
  'cold-boot': row('host', 9, 300, { attempts: 2 }),
};
