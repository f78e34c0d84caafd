import * as z from 'zod';
import { hex, int, lock, part, text, texts } from './values.ts';

/** Lockdep and the checks of single locks. */
export const LOCKS = {
  wants: lock.describe('the lock to be taken'),
  holds: lock.describe('the lock that stands against it'),
  changes: lock.describe('the lock whose usage changed'),
  releases: lock,
  frees: lock.describe('the lock in memory that is freed'),
  freed: part({ from: hex, to: hex }),
  cycle: z
    .strictObject({
      nodes: texts,
      edges: z.array(z.strictObject({ from: text, to: text, stack: int })),
    })
    .describe(
      'lock classes, and each order of two of them that was seen: `to` was taken while `from` was held, `stack` of `stacks` says where',
    ),
  lockOrder: texts.describe('the chain of classes'),
  newLockOrder: texts.describe('the order that is new'),
  irqLocks: z
    .array(part({ irqClass: text, verdict: text, lock }))
    .describe('locks that are safe or unsafe in interrupts'),
  irqClass: text,
  irqContext: part({
    hardirq: z.boolean(),
    softirq: z.boolean(),
    hardirqsEnabled: z.boolean(),
    softirqsEnabled: z.boolean(),
  }),
  usage: part({ was: text, now: text }).describe('usages that exclude each other'),
  scenario: part({ what: text, steps: z.array(part({ cpu: int, does: text })) }).describe('how it ends in a deadlock'),
  waitContext: text,
  misuse: text,
  rcu: part({ schedulerActive: int, debugLocks: int }),
  lock: text,
  spinlock: part({ lock: text, lockMagic: hex, owner: text, ownerPid: int, ownerCpu: int }),
  preempt: hex,
  locksBefore: int,
  locksAfter: int,
  rcuBefore: int,
  rcuAfter: int,
};

/** Stalls, lockups and hung tasks. */
export const STALLS = {
  seconds: int.describe('for how long'),
  ioWait: z.literal(true),
  blockedOn: part({ comm: text, pid: int, lockKind: text, owner: text, ownerPid: int }),
  flavour: text,
  expedited: z.literal(true),
  stalled: texts,
  cpus: z
    .array(part({ cpu: int, rcuFlags: text, ticks: int, behind: int, idle: text, softirq: text, fqs: int }))
    .describe('stalled CPUs'),
  blockedTasks: z.array(int),
  level: z.union([int, text]),
  detectedBy: int,
  jiffies: int.describe('`t=`'),
  gracePeriod: int.describe('`g=`'),
  callbacks: int.describe('`q=`'),
  ncpus: int,
  kthread: part({
    name: text,
    starved: int,
    late: int,
    gracePeriod: int,
    flags: hex,
    waiting: text,
    taskState: hex,
    cpu: int,
  }),
  poolCpus: text,
  flags: hex,
  nice: int,
  workqueues: z.array(
    part({
      name: text,
      flags: hex,
      pools: z.array(part({ pool: int, cpus: text, node: int, flags: hex, nice: int, active: int })),
      inFlight: z.array(part({ pid: int, fn: text })),
      pending: z.array(part({ pid: int, fn: text })),
      inactive: z.array(part({ pid: int, fn: text })),
    }),
  ),
  pools: z.array(part({ pool: int, cpus: text, node: int, flags: hex, nice: int, seconds: int, workers: int })),
};
