import { setTimeout as sleep } from 'node:timers/promises';
import type { Control } from '../model/guest.ts';

/** A task that waits for a disk or a busy lock moves on within this time, even in an emulated guest. */
const APART_MS = 1000;

/**
 * Tasks in uninterruptible sleep that have not run between two looks: the kernel itself takes its limit of seconds to call
 * them hung, and says nothing of them any more once it has oopsed. The fields are those of proc(5), /proc/PID/status.
 */
export async function findStuckTasks(control: Control, signal: AbortSignal): Promise<number[]> {
  const before = await sleepers(control, signal);
  if (before.size === 0) return [];
  await sleep(APART_MS, undefined, { signal });
  const after = await sleepers(control, signal);
  return [...before].filter(([pid, switches]) => after.get(pid) === switches).map(([pid]) => pid);
}

/** Tasks in state D, each with how often it has given up its CPU. */
async function sleepers(control: Control, signal: AbortSignal): Promise<Map<number, string>> {
  const script = "grep -H -E '^(State|voluntary_ctxt_switches):' /proc/[0-9]*/status 2>/dev/null; true";
  const { output } = await control.request(
    'exec',
    { argv: ['/bin/sh', '-c', script], maxOutput: 1 << 20 },
    { timeoutMs: 10_000, signal },
  );
  const waiting = new Map<number, string>();
  let inD = false;
  for (const line of output.split('\n')) {
    const [, pid, name, value] = /^\/proc\/(\d+)\/status:(\w+):\s*(\S+)/.exec(line) ?? [];
    if (name === 'State') inD = value === 'D';
    else if (inD && pid !== undefined && value !== undefined) waiting.set(Number(pid), value);
  }
  return waiting;
}
