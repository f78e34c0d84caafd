import { KINDS, type Kind } from '../model/kinds.ts';

/** One reason why a finding belongs to the incident of an earlier one. */
export interface IncidentRule {
  readonly name: string;
  readonly cause: (kind: Kind) => boolean;
  readonly effect: (kind: Kind) => boolean;
  /** Seconds of kernel time between the two. */
  readonly within: number;
  /** What they must share besides the boot. */
  readonly same?: 'task' | 'cpu' | 'name';
}

const any = (): boolean => true;
const among =
  (...kinds: readonly Kind[]) =>
  (kind: Kind): boolean =>
    kinds.includes(kind);
const classified =
  (...classes: readonly string[]) =>
  (kind: Kind): boolean =>
    classes.includes(KINDS[kind].classification);

const isFault = classified('module-crash', 'memory-corruption', 'kernel-panic');
const isHang = among(
  'hung-task',
  'soft-lockup',
  'rcu-stall',
  'workqueue-lockup',
  'atomic-sleep',
  'scheduling-while-atomic',
);
const isLocking = (kind: Kind): boolean => KINDS[kind].event === 'lock';

/**
 * In the order of their strength; the first that holds is the reason given. An oops kills its task with whatever locks it holds
 * (kernel/exit.c make_task_dead): those who wait for them hang up to two hung-task periods later.
 */
export const INCIDENT_RULES: readonly IncidentRule[] = [
  { name: 'the same finding again', cause: any, effect: any, within: 120, same: 'name' },
  {
    name: 'the panic that it led to',
    cause: any,
    effect: among('panic', 'unexpected-reboot', 'guest-exit'),
    within: 60,
  },
  { name: 'in the same task', cause: any, effect: any, within: 10, same: 'task' },
  { name: 'on the same CPU', cause: any, effect: any, within: 2, same: 'cpu' },
  { name: 'damage that a corruption does', cause: classified('memory-corruption'), effect: isFault, within: 10 },
  {
    name: 'locks that a dead task left',
    cause: isFault,
    effect: (kind) => isLocking(kind) || isHang(kind),
    within: 250,
  },
  {
    name: 'a deadlock that lockdep foretold',
    cause: isLocking,
    effect: among('hung-task', 'soft-lockup', 'rcu-stall'),
    within: 250,
  },
  {
    name: 'one stall seen by several watchdogs',
    cause: among('soft-lockup', 'hard-lockup', 'rcu-stall', 'workqueue-lockup', 'hung-task', 'spinlock-bug'),
    effect: among('soft-lockup', 'hard-lockup', 'rcu-stall', 'workqueue-lockup', 'hung-task'),
    within: 130,
  },
  {
    name: 'a failed device under a filesystem',
    cause: among('io-error'),
    effect: classified('io-error', 'mount-failure'),
    within: 30,
  },
  {
    name: 'memory ran out',
    cause: classified('out-of-memory'),
    effect: classified('out-of-memory', 'module-crash', 'io-error'),
    within: 5,
  },
];
