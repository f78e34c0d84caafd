import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export const BIN = fileURLToPath(new URL('../../bin/vexfs-trace', import.meta.url));

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CliOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** The program: absent, what was built. */
  readonly command?: readonly string[];
  readonly input?: string | Uint8Array;
}

/** Runs the command line as a script would; `onStderr` is called with what it said so far. */
export function runCli(
  args: readonly string[],
  onStderr: (text: string, pid: number) => void = () => {},
  { cwd, env, command = [BIN], input = '' }: CliOptions = {},
): Promise<Ended> {
  const [program = '', ...before] = command;
  const child = spawn(program, [...before, ...args], { cwd, env: { ...process.env, NO_COLOR: '1', ...env } });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (bytes) => {
    stdout += bytes;
  });
  child.stderr.on('data', (bytes) => {
    stderr += bytes;
    onStderr(stderr, child.pid ?? -1);
  });
  // A program may end before it has read all.
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, stdout, stderr })));
}
