import { type ChildProcess, spawn } from 'node:child_process';

export type StopSignal = 'SIGINT' | 'SIGTERM' | 'SIGKILL' | 'SIGUSR1';

/** How a process ended. `error` when it could not be started at all. */
export interface ProcessEnd {
  readonly code: number | null;
  readonly signal: string | null;
  readonly error?: string;
}

/** A running command, here or in a guest. */
export interface RunningProcess {
  readonly stdout: AsyncIterable<Uint8Array>;
  readonly stderr: AsyncIterable<Uint8Array>;
  /** Settles once it has ended; never rejects. */
  readonly ended: Promise<ProcessEnd>;
  /** Does nothing when it has ended. */
  kill(signal: StopSignal): void;
}

/** Starts a command where bpftrace shall run. */
export type Spawn = (
  argv: readonly string[],
  env: Readonly<Record<string, string>>,
) => RunningProcess | Promise<RunningProcess>;

/**
 * On this machine, in a process group of its own: a Ctrl-C at the terminal reaches only us, so that bpftrace can be told to
 * print its maps, and children of `-c` and `system()` go with it. Nothing outlives this process.
 */
export const spawnLocal: Spawn = (argv, env) => {
  const [file = '', ...args] = argv;
  const child = spawn(file, args, {
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  });
  const onExit = () => killGroup(child);
  process.once('exit', onExit);
  const ended = new Promise<ProcessEnd>((resolve) => {
    child.once('error', (error) => resolve({ code: null, signal: null, error: error.message }));
    child.once('exit', (code, signal) => resolve({ code, signal }));
  }).finally(() => {
    process.removeListener('exit', onExit);
    killGroup(child);
  });
  return {
    stdout: child.stdout,
    stderr: child.stderr,
    ended,
    kill: (signal) => {
      if (signal === 'SIGKILL') killGroup(child);
      else child.kill(signal);
    },
  };
};

function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    // The group is empty.
  }
}
