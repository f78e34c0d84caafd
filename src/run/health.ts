import type { ModuleUnderTest } from '../guest/module.ts';
import type { Control } from '../model/guest.ts';
import type { Health } from '../recovery/target.ts';
import { GUEST_PATHS } from './prepare.ts';
import { findStuckTasks } from './stuck-tasks.ts';

const STEP_MS = 15_000;
const OWN_MOUNT = '/mnt/vexfs-health';

/**
 * Another instance of the filesystem is mounted, written to, read back, searched and unmounted, so that the load's is not
 * disturbed. Status 3: it cannot be mounted a second time, which is the right of a filesystem on a disk.
 */
const OWN_INSTANCE = `
mkdir -p "$1" || exit 1
mount -t "$2" "$3" "$1" 2>/tmp/health.err || { cat /tmp/health.err; exit 3; }
/bin/vexload check "$1" 2>&1; result=$?
umount "$1" || { echo "it cannot be unmounted"; exit 1; }
exit $result
`;
const NO_SECOND_MOUNT = 3;
/** As `vexload check` ends on a filesystem that has no room and says so. */
const FULL = 4;

/**
 * Does the guest work? The agent answers, the module is loaded, its filesystem keeps what is written to it and finds what is searched
 * for, in the load's mount and in one of its own, and no task is stuck in uninterruptible sleep. `facts` come first among the checks.
 */
export async function checkHealth(
  control: Control,
  module: ModuleUnderTest,
  facts: readonly string[],
  signal: AbortSignal,
): Promise<Health> {
  const checks = [...facts];
  const step = async (name: string, cmd: string, fields: Readonly<Record<string, unknown>>, allowed = 0) => {
    const answer = await control.request(cmd, fields, { timeoutMs: STEP_MS, signal });
    const ok = answer.status === 0 || (allowed !== 0 && answer.status === allowed);
    const words = answer.error ?? (answer.output.trim().slice(-200) || `status ${answer.status}`);
    checks.push(`${name}: ${answer.status === 0 ? 'ok' : ok ? `not possible: ${words}` : words}`);
    return ok;
  };
  const shell = (script: string, ...args: string[]) => ({ argv: ['/bin/sh', '-c', script, 'sh', ...args] });
  try {
    const ok =
      (await step('agent', 'ping', {})) &&
      (await step('module', 'read', { path: `/sys/module/${module.name}/initstate`, max: 64 })) &&
      (await step('mounted', 'exec', {
        argv: ['/bin/grep', '-q', ` ${GUEST_PATHS.mount} ${module.fstype} `, '/proc/mounts'],
      })) &&
      (await step('write and read back', 'exec', { argv: ['/bin/vexload', 'check', GUEST_PATHS.mount] }, FULL)) &&
      (await step(
        'an instance of its own',
        'exec',
        shell(OWN_INSTANCE, OWN_MOUNT, module.fstype, module.device ?? 'none'),
        module.device === undefined ? 0 : NO_SECOND_MOUNT,
      ));
    const stuck = ok ? await findStuckTasks(control, signal) : [];
    if (ok) checks.push(`stuck tasks: ${stuck.length === 0 ? 'none' : stuck.slice(0, 8).join(', ')}`);
    return { ok: ok && stuck.length === 0, checks };
  } catch (error) {
    checks.push(`agent: ${error instanceof Error ? error.message : String(error)}`);
    return { ok: false, checks };
  }
}
