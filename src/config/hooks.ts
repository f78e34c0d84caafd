import { type ConfinedResult, runConfined } from '../base/run-confined.ts';
import type { Effective } from './effective.ts';
import type { HookEvent } from './table.ts';

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
): Promise<ConfinedResult | undefined> {
  const [program, ...args] = options.get(`hooks.${event}`) ?? [];
  if (program === undefined || signal?.aborted) return undefined;
  const env = { ...process.env, ...hookVariables({ event, ...variables }) };
  return runConfined(program, args, {
    env,
    limitMs: options.get('hooks.timeout'),
    ...(signal !== undefined && { signal }),
  });
}

function hookVariables(variables: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(variables).map(([name, value]) => [
      `VEXFS_HOOK_${name.replaceAll(/[^A-Za-z0-9]/g, '_').toUpperCase()}`,
      value.replaceAll('\0', '').slice(0, MAX_VARIABLE),
    ]),
  );
}
