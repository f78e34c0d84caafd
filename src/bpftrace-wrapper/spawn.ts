import { type ChildProcess, spawn } from 'node:child_process';

export type StopSignal = 'SIGINT' | 'SIGTERM' | 'SIGKILL' | 'SIGUSR1' | 'SIGSTOP' | 'SIGCONT';

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
  /** The process id where it runs, by which its maps are found; null where nobody knows it. May need stderr to be read. */
  readonly pid?: Promise<number | null>;
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
 * print its maps, and children of `-c` and `system()` go with it. Nothing outlives this process, not even one that is killed:
 * a shell beside the command waits for the end of its standard input, which we hold open, and ends the group then.
 */
export const spawnLocal: Spawn = (argv, env) => start(['sh', '-c', GUARD, 'sh', ...argv], env, true);

/**
 * Through another program that runs a command line somewhere else and hands on its standard streams: `['ssh', 'host']`,
 * `['ssh', '-p', '2222', '-F', file, 'root@host']`. Signals go over the command's standard input, since ssh has no other way
 * for them; when the connection breaks, the input ends and the command with it. There must be a POSIX shell.
 */
export function spawnThrough(prefix: readonly string[]): Spawn {
  return (argv, env) => {
    const settings = Object.entries(env).map(([name, value]) => `${name}=${value}`);
    const command = [
      'sh',
      '-c',
      `${SAY_PID}\n${GUARD}`,
      'sh',
      ...(settings.length > 0 ? ['env', ...settings] : []),
      ...argv,
    ];
    return start([...prefix, command.map(quote).join(' ')], {}, false);
  };
}

/**
 * The shell starts a second one in the background and becomes the command, so that its id, exit code and signals are the
 * command's own. The second one sends the signals that it reads to the command; at the end of its input it interrupts the
 * group, so that END probes run, and kills what is left when the command is gone or five seconds are over.
 */
const GUARD = `exec 3<&0
( exec <&3 3<&- >/dev/null 2>&1
trap '' INT TERM
while read -r name; do case $name in INT|TERM|KILL|USR1|STOP|CONT) kill -s "$name" $$ ;; esac; done
kill -s INT 0
for second in 1 2 3 4 5; do kill -s 0 $$ || break; sleep 1; done
kill -s KILL 0 ) &
exec "$@" </dev/null 3<&-`;

/** Elsewhere the command's id is not known but to itself: the first thing that is said on its stderr. */
const SAY_PID = "printf 'guarded-pid %d\\n' $$ >&2";

function start(argv: readonly string[], env: Readonly<Record<string, string>>, local: boolean): RunningProcess {
  const [file = '', ...args] = argv;
  const child = spawn(file, args, {
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  });
  // Who is gone does not read.
  child.stdin.on('error', () => {});
  const onExit = () => killGroup(child);
  process.once('exit', onExit);
  const ended = new Promise<ProcessEnd>((resolve) => {
    child.once('error', (error) => resolve({ code: null, signal: null, error: error.message }));
    child.once('exit', (code, signal) => resolve({ code, signal, ...NOT_STARTED[String(code)] }));
  }).finally(() => {
    process.removeListener('exit', onExit);
    killGroup(child);
  });
  const said = local ? { rest: child.stderr, pid: Promise.resolve(child.pid ?? null) } : takePid(child.stderr);
  return {
    stdout: child.stdout,
    stderr: said.rest,
    ended,
    pid: said.pid,
    kill: (signal) => {
      if (!local) {
        child.stdin.write(`${signal.slice(3)}\n`);
        // What does not go there must not stay here.
        if (signal === 'SIGKILL') setTimeout(() => killGroup(child), 2000).unref();
      } else if (signal === 'SIGKILL') killGroup(child);
      else child.kill(signal);
    },
  };
}

/** What a shell ends with when it cannot become the command. */
const NOT_STARTED: Readonly<Record<string, { readonly error: string }>> = {
  126: { error: 'it cannot be executed' },
  127: { error: 'no such program' },
};

/** Further than that into stderr nobody looks for the id: a banner may stand before it. */
const MAX_BANNER = 16 * 1024;

function takePid(stderr: AsyncIterable<Uint8Array>): { rest: AsyncIterable<Uint8Array>; pid: Promise<number | null> } {
  let tell: (pid: number | null) => void = () => {};
  const pid = new Promise<number | null>((resolve) => {
    tell = resolve;
  });
  async function* rest(): AsyncGenerator<Uint8Array> {
    let held: Buffer | null = Buffer.alloc(0);
    try {
      for await (const bytes of stderr) {
        if (held === null) {
          yield bytes;
          continue;
        }
        held = Buffer.concat([held, bytes]);
        const found = /^guarded-pid (\d+)\n/m.exec(held.toString('latin1'));
        if (found) {
          tell(Number(found[1]));
          yield Buffer.concat([held.subarray(0, found.index), held.subarray(found.index + found[0].length)]);
        } else if (held.length > MAX_BANNER) yield held;
        if (found || held.length > MAX_BANNER) held = null;
      }
      if (held !== null) yield held;
    } finally {
      tell(null);
    }
  }
  return { rest: rest(), pid };
}

function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    // The group is empty.
  }
}

/** For a POSIX shell; a NUL cannot be said to one. */
function quote(word: string): string {
  return `'${word.replaceAll('\0', '').replaceAll("'", "'\\''")}'`;
}
