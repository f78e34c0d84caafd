import type { Action, Classification } from '../model/classification.ts';

/** Actions that are taken together; a health check after the last one decides whether the next stage is needed. */
export interface Stage {
  /** Why this stage, in a word or two. */
  readonly purpose: string;
  readonly actions: readonly Action[];
}

export interface Ladder {
  readonly stages: readonly Stage[];
  /** Taken once the guest is healthy again. */
  readonly afterwards: readonly Action[];
}

const stage = (purpose: string, ...actions: Action[]): Stage => ({ purpose, actions });

const observe = stage('a healthy guest needs nothing more', 'keep-running');
const evidence = stage('what every task and CPU is doing', 'sysrq-dump');
const renew: readonly Stage[] = [
  stage('back to a known good state', 'restore-snapshot'),
  stage('power-cycle', 'reset-guest'),
  stage('a new machine', 'cold-boot'),
];
const reload = stage('a fresh module', 'pause-load', 'unmount', 'reload-module', 'remount');
const RESUME: readonly Action[] = ['resume-load'];

/**
 * What is done for each classification, gentlest first. The reasons:
 * a hang is asked for its stacks before they are lost; corrupted memory is never trusted again, however healthy it looks; lock
 * cycles may end with the tasks in them; races and slow operations leave a working guest that goes on being useful.
 */
export const LADDERS: Readonly<Record<Classification, Ladder>> = {
  'kernel-panic': { stages: renew, afterwards: RESUME },
  'system-hang': {
    stages: [evidence, stage('stacks of CPUs with interrupts off', 'inject-nmi'), ...renew],
    afterwards: RESUME,
  },
  'module-crash': { stages: [reload, ...renew], afterwards: RESUME },
  'memory-corruption': { stages: [stage('stop writing', 'pause-load'), ...renew], afterwards: RESUME },
  deadlock: {
    stages: [evidence, stage('release what the tasks hold', 'end-tasks'), ...renew],
    afterwards: RESUME,
  },
  race: { stages: [observe, ...renew], afterwards: RESUME },
  'resource-leak': {
    stages: [stage('give back what is reclaimable', 'pause-load', 'drop-caches'), reload, ...renew],
    afterwards: RESUME,
  },
  'mount-failure': { stages: [stage('once more', 'remount'), reload, ...renew], afterwards: RESUME },
  'io-error': {
    stages: [stage('no more writes, then a clean mount', 'remount-read-only', 'unmount', 'remount'), reload, ...renew],
    afterwards: RESUME,
  },
  'out-of-memory': {
    stages: [stage('less load', 'release-load', 'drop-caches'), stage('free what is left', 'end-tasks'), ...renew],
    afterwards: RESUME,
  },
  'performance-regression': { stages: [observe, ...renew], afterwards: RESUME },
  unknown: { stages: [observe, ...renew], afterwards: RESUME },
};
