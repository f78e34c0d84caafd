import { spawn } from 'node:child_process';
import { messageOf } from '../base/errors.ts';
import type { Effective } from './effective.ts';
import type { HookEvent } from './table.ts';

export interface HookResult {
  /** It ran to its end, with status 0. */
  readonly ok: boolean;
  /** What became of it, for people: `exit 1: ...`, `took longer than 30 s`. */
  readonly text: string;
  readonly durationMs: number;
}

/** The last of what a hook says is kept. */
const MAX_SAID = 4096;
const MAX_VARIABLE = 4096;

/**
 * Runs what the options have for an event, if anything, and never throws. The program gets no input, no shell sees its arguments, and
 * what happened stands in its environment: `VEXFS_HOOK_EVENT` and one `VEXFS_HOOK_NAME` for each variable (`{ test: 'mount' }` is
 * `VEXFS_HOOK_TEST`). It and all that it started end with `hooks.timeout` or the signal. Undefined where there is no hook.
 */
export async function runHook(
  options: Effective,
  event: HookEvent,
  variables: Readonly<Record<string, string>>,
  signal?: AbortSignal,
): Promise<HookResult | undefined> {
  const [program, ...args] = options.get(`hooks.${event}`) ?? [];
  if (program === undefined || signal?.aborted) return undefined;
  const limitMs = options.get('hooks.timeout');
  const start = performance.now();
  const env = { ...process.env, ...hookVariables({ event, ...variables }) };
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], detached: true, env });
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (bytes: Buffer) => {
      said = (said + bytes.toString('utf8')).slice(-MAX_SAID);
    });
  let ended: string | undefined;
  let leftOpen: (() => void) | undefined;
  const end = (why: string) => {
    // It has ended, but what left its group has its pipes still.
    if (leftOpen !== undefined) return leftOpen();
    ended ??= why;
    endGroup(child.pid);
  };
  const onAbort = () => end('was interrupted');
  signal?.addEventListener('abort', onAbort, { once: true });
  const timer = setTimeout(() => end(`took longer than ${limitMs / 1000} s`), limitMs);
  const failed = await new Promise<string | undefined>((resolve) => {
    child.once('error', (error) => resolve(`could not be started: ${messageOf(error)}`));
    child.once('exit', (code, by) => {
      const result = code === 0 ? undefined : `exit ${code ?? by}`;
      // What it left in the background would hold its pipes, and outlive the run.
      endGroup(child.pid);
      child.once('close', () => resolve(result));
      leftOpen = () => resolve(result);
    });
  });
  clearTimeout(timer);
  signal?.removeEventListener('abort', onAbort);
  for (const stream of [child.stdout, child.stderr]) stream.destroy();
  const why = ended ?? failed;
  const text = [why ?? 'ok', said.trim()].filter((part) => part !== '').join(': ');
  return { ok: why === undefined, text, durationMs: performance.now() - start };
}

function endGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It has just gone by itself.
  }
}

function hookVariables(variables: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(variables).map(([name, value]) => [
      `VEXFS_HOOK_${name.replaceAll(/[^A-Za-z0-9]/g, '_').toUpperCase()}`,
      value.replaceAll('\0', '').slice(0, MAX_VARIABLE),
    ]),
  );
}
