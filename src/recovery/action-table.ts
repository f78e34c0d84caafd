import type { Action } from '../model/classification.ts';

/** What must work for an action to make sense: the agent in the guest, or only the machine around it. */
export type Needs = 'agent' | 'host';

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
  /** Pointless in a guest that has died: it would change or ask what no longer runs. */
  readonly living: boolean;
  /** Mends nothing, so that nobody asks how the guest is after it: it gathers evidence or holds still. */
  readonly looks: boolean;
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
  living: needs === 'agent',
  looks: false,
  ...rest,
});

/** Timeouts allow for an emulated CPU: what takes 0.1 s on hardware takes a few seconds there. */
export const ACTION_TABLE: Readonly<Record<Action, ActionRow>> = {
  'keep-running': row('host', 0, 5, { living: true, inPlace: true }),
  'resume-guest': row('host', 0, 10, { living: true, optional: true }),
  'restart-agent': row('host', 0, 20, { living: true }),
  'raise-sampling': row('agent', 0, 15, { looks: true, optional: true }),
  'isolate-test': row('host', 0, 5, { looks: true, optional: true }),
  'collect-pstore': row('host', 0, 20, { looks: true, optional: true }),
  'pause-guest': row('host', 6, 10, { living: true, looks: true, optional: true }),
  'dump-memory': row('host', 6, 150, { looks: true, optional: true }),
  'sysrq-dump': row('host', 0, 30, { living: true, looks: true, optional: true }),
  'pause-load': row('agent', 1, 15, { looks: true, optional: true }),
  'resume-load': row('agent', 1, 15, { optional: true }),
  'drop-caches': row('agent', 1, 30, { optional: true }),
  'release-load': row('agent', 2, 20, { optional: true }),
  'remount-read-only': row('agent', 2, 20, { inPlace: true }),
  'end-tasks': row('agent', 3, 20, { inPlace: true, attempts: 2 }),
  unmount: row('agent', 4, 20, { inPlace: true, attempts: 2 }),
  remount: row('agent', 4, 30, { inPlace: true, attempts: 3 }),
  'unload-module': row('agent', 5, 45, { inPlace: true, attempts: 2 }),
  'load-module': row('agent', 5, 45, { inPlace: true, attempts: 2 }),
  'reload-module': row('agent', 5, 45, { inPlace: true, attempts: 2 }),
  'inject-nmi': row('host', 6, 10, { living: true, looks: true, optional: true }),
  'restore-snapshot': row('host', 7, 60, { attempts: 2 }),
  'reset-guest': row('host', 8, 240, { attempts: 2 }),
  'raise-memory': row('host', 8, 300),
  'cold-boot': row('host', 9, 300, { attempts: 2 }),
};
