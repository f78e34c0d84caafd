import { ExpectedError } from '../base/errors.ts';
import type { Control } from '../model/guest.ts';

/** Runs a script of ours in the guest's shell, with arguments that no shell reads. Returns what it printed. */
export async function runScript(
  control: Control,
  what: string,
  script: string,
  args: readonly string[],
  timeoutMs: number,
  signal?: AbortSignal,
): Promise<string> {
  const answer = await control.request(
    'exec',
    { argv: ['/bin/sh', '-c', script, 'sh', ...args] },
    { timeoutMs, ...(signal && { signal }) },
  );
  if (answer.status === 0) return answer.output.trim();
  const why = answer.error ?? (answer.output.trim().slice(-200) || `status ${answer.status}`);
  throw new ExpectedError('guest', `${what}: ${answer.status === -2 ? `no end within ${timeoutMs / 1000} s` : why}`);
}
