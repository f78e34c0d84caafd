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
const restore = stage('back to a known good state', 'restore-snapshot');
const anew = stage('a new machine', 'cold-boot');
const reset = stage('power-cycle', 'reset-guest');
const renew: readonly Stage[] = [restore, reset, anew];
const reload = stage('a fresh module', 'pause-load', 'unmount', 'reload-module', 'remount');
/** What is lost with the machine's memory. */
const capture = stage('what the memory holds, before it is gone', 'collect-pstore', 'pause-guest', 'dump-memory');
/** No failure of the guest's own: its CPUs were stopped, or nobody is there to answer for it. */
const awake = stage('it was only stopped', 'resume-guest');
const answer = stage('somebody to answer for it', 'restart-agent');
const RESUME: readonly Action[] = ['resume-load'];

/**
 * What is done for each classification, gentlest first. The reasons:
 * a hang is asked for its stacks before they are lost; of what died or corrupted memory the memory is kept, and such memory is never
 * trusted again, however healthy it looks; lock cycles may end with the tasks in them; races and slow operations leave a working guest
 * that goes on being useful; a module that leaks is looked at when it is out, before it comes back.
 */
export const LADDERS: Readonly<Record<Classification, Ladder>> = {
  'kernel-panic': { stages: [capture, ...renew], afterwards: RESUME },
  'system-hang': {
    stages: [awake, evidence, stage('stacks of CPUs with interrupts off', 'inject-nmi'), capture, ...renew],
    afterwards: RESUME,
  },
  'module-crash': { stages: [reload, ...renew], afterwards: RESUME },
  'memory-corruption': { stages: [stage('stop writing', 'pause-load'), capture, ...renew], afterwards: RESUME },
  deadlock: {
    stages: [evidence, stage('release what the tasks hold', 'end-tasks'), ...renew],
    afterwards: RESUME,
  },
  race: {
    stages: [stage('more is looked at from here on', 'raise-sampling'), observe, ...renew],
    afterwards: RESUME,
  },
  'resource-leak': {
    stages: [
      stage(
        'what the module leaves behind',
        'pause-load',
        'drop-caches',
        'unmount',
        'unload-module',
        'load-module',
        'remount',
      ),
      ...renew,
    ],
    afterwards: RESUME,
  },
  'mount-failure': { stages: [stage('once more', 'remount'), reload, ...renew], afterwards: RESUME },
  'io-error': {
    stages: [stage('no more writes, then a clean mount', 'remount-read-only', 'unmount', 'remount'), reload, ...renew],
    afterwards: RESUME,
  },
  'out-of-memory': {
    stages: [
      stage('less load', 'release-load', 'drop-caches'),
      stage('free what is left', 'end-tasks'),
      restore,
      reset,
      stage('more memory', 'raise-memory'),
      anew,
    ],
    afterwards: RESUME,
  },
  'performance-regression': { stages: [observe, ...renew], afterwards: RESUME },
  unknown: { stages: [answer, observe, ...renew], afterwards: RESUME },
};
