import { spawnSync } from 'node:child_process';
import { ExpectedError } from '../base/errors.ts';

export interface ToolOptions {
  readonly cwd?: string;
  readonly input?: string | Uint8Array;
  readonly timeoutMs?: number;
}

/** Runs a program to its end (arguments never pass through a shell) and gives its stdout. Fails with the last lines it said. */
export function runTool(program: string, args: readonly string[], options: ToolOptions = {}): Buffer {
  const result = spawnSync(program, args, {
    ...(options.cwd !== undefined && { cwd: options.cwd }),
    ...(options.input !== undefined && { input: options.input }),
    timeout: options.timeoutMs ?? 300_000,
    maxBuffer: 1 << 30,
  });
  if (result.error !== undefined) {
    const missing = 'code' in result.error && result.error.code === 'ENOENT';
    if (missing) throw new ExpectedError('missing', `${program} is not installed`, 'run: make setup');
    throw result.error;
  }
  if (result.signal === 'SIGINT' || result.signal === 'SIGTERM') {
    throw new ExpectedError(result.signal === 'SIGINT' ? 'sigint' : 'sigterm', 'interrupted');
  }
  if (result.status !== 0) {
    const said = `${result.stderr}${result.stdout}`.trim().split('\n').slice(-8).join('\n  ');
    throw new ExpectedError(
      'missing',
      `${program} ${args.slice(0, 3).join(' ')} failed (exit ${result.status}):\n  ${said}`,
    );
  }
  return result.stdout;
}
