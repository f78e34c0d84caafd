import { type StdioOptions, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { constants } from 'node:os';
import type { Pty } from '../pty.ts';

/** A terminal for a person to type on. */
export interface TerminalOptions {
  /** Absent: plain pipes. */
  readonly pty?: Pty;
  readonly columns: number;
  readonly rows: number;
}

export interface LaunchOptions {
  readonly stderrFile: string;
  readonly terminal?: TerminalOptions;
  /** It outlives us; otherwise the kernel ends it with us, even when we are killed (PR_SET_PDEATHSIG). */
  readonly detached?: boolean;
}

export interface Ended {
  readonly code: number | null;
  readonly signal: string | null;
  /** It never ran. */
  readonly error?: string;
}

/** What is typed goes in here; what the program says there is thrown away. */
export interface Terminal {
  write(bytes: Uint8Array | string): void;
  resize(columns: number, rows: number): void;
}

export interface Launched {
  readonly pid: number;
  readonly terminal?: Terminal;
  readonly exited: Promise<Ended>;
  kill(): void;
  /** Our own end no longer waits for it. */
  unref(): void;
}

/**
 * Starts a program. With a terminal its stdin is a pty or a pipe, but its stdout never is: the console is read from
 * QEMU's log, and when a chardev cannot write at once, QEMU writes those bytes to the log twice (qemu_chr_write_buffer in
 * chardev/char.c; seen whenever we do not read a pty for some hundred milliseconds).
 */
export function launch(program: string, args: readonly string[], options: LaunchOptions): Launched {
  const command = options.detached ? [program, ...args] : ['setpriv', '--pdeathsig', 'KILL', program, ...args];
  const { terminal } = options;
  if (terminal?.pty !== undefined) return launchOnPty(terminal.pty, command, terminal, options.stderrFile);
  return launchPlain(command, options);
}

function launchPlain([program = '', ...args]: readonly string[], options: LaunchOptions): Launched {
  const stderr = openSync(options.stderrFile, 'w');
  const piped = options.terminal !== undefined;
  const stdio: StdioOptions = [piped ? 'pipe' : 'ignore', piped ? 'ignore' : stderr, stderr];
  // A session of its own: Ctrl-C on the terminal is for us to handle.
  const child = spawn(program, args, { stdio, detached: true });
  closeSync(stderr);
  // A program that has ended reads nothing more; its end is told by `exited`.
  child.stdin?.on('error', () => {});
  return {
    pid: child.pid ?? -1,
    ...(child.stdin !== null && {
      terminal: { write: (bytes: Uint8Array | string) => void child.stdin?.write(bytes), resize: () => {} },
    }),
    exited: new Promise((resolve) => {
      child.once('exit', (code, signal) => resolve({ code, signal }));
      child.once('error', (error) => resolve({ code: null, signal: null, error: error.message }));
    }),
    kill: () => void child.kill('SIGKILL'),
    unref: () => child.unref(),
  };
}

function launchOnPty(
  pty: Pty,
  command: readonly string[],
  { columns, rows }: TerminalOptions,
  stderrFile: string,
): Launched {
  const redirect = ['-c', 'exec "$@" >/dev/null 2>"$0"', stderrFile];
  const child = pty.spawn('/bin/sh', [...redirect, ...command], { cols: columns, rows, encoding: null });
  let alive = true;
  // Until the program has set its terminal to raw, that sends back what is typed.
  child.onData(() => {});
  return {
    pid: child.pid,
    terminal: {
      write: (bytes) => {
        if (alive) child.write(typeof bytes === 'string' ? bytes : Buffer.from(bytes));
      },
      resize: (width, height) => {
        if (alive) child.resize(width, height);
      },
    },
    exited: new Promise((resolve) => {
      child.onExit(({ exitCode, signal }) => {
        alive = false;
        resolve(signal ? { code: null, signal: signalName(signal) } : { code: exitCode, signal: null });
      });
    }),
    kill: () => child.kill('SIGKILL'),
    unref: () => {},
  };
}

function signalName(number: number): string {
  const named = Object.entries(constants.signals).find(([, value]) => value === number);
  return named?.[0] ?? String(number);
}
