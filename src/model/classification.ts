/** What went wrong, as far as recovery is concerned. Each has a ladder of actions (`src/recovery/`). */
export const CLASSIFICATIONS = [
  'kernel-panic',
  'system-hang',
  'module-crash',
  'memory-corruption',
  'deadlock',
  'race',
  'resource-leak',
  'mount-failure',
  'io-error',
  'out-of-memory',
  'performance-regression',
  'unknown',
] as const;

export type Classification = (typeof CLASSIFICATIONS)[number];

/** Worst first. */
export const SEVERITIES = ['fatal', 'critical', 'major', 'minor', 'info'] as const;
export type Severity = (typeof SEVERITIES)[number];

/** True when `a` is at least as bad as `b`. */
export function atLeast(a: Severity, b: Severity): boolean {
  return SEVERITIES.indexOf(a) <= SEVERITIES.indexOf(b);
}

/** The rungs of the recovery ladders and what patterns may ask for; drivers are in `src/recovery/`. */
export const ACTIONS = [
  'keep-running',
  'resume-guest',
  'restart-agent',
  'raise-sampling',
  'isolate-test',
  'collect-pstore',
  'pause-guest',
  'dump-memory',
  'pause-load',
  'release-load',
  'resume-load',
  'drop-caches',
  'end-tasks',
  'sysrq-dump',
  'inject-nmi',
  'unmount',
  'remount',
  'remount-read-only',
  'unload-module',
  'load-module',
  'reload-module',
  'restore-snapshot',
  'reset-guest',
  'raise-memory',
  'cold-boot',
] as const;
export type Action = (typeof ACTIONS)[number];

/** They end the machine's run, interrupt its kernel, take much of the host's disk or memory, or take a test out of the run. */
const HARMFUL: ReadonlySet<Action> = new Set<Action>([
  'inject-nmi',
  'dump-memory',
  'reset-guest',
  'raise-memory',
  'cold-boot',
  'isolate-test',
]);

/** What patterns may ask for unless the operator says otherwise. */
export const HARMLESS: readonly Action[] = ACTIONS.filter((action) => !HARMFUL.has(action));
