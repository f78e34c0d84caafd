import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { ExpectedError } from '../base/errors.ts';

export interface MakeOptions {
  /** Sources of the kernel; what is made goes to `objects`. */
  readonly source: string;
  readonly objects: string;
  readonly signal: AbortSignal;
  /** Each thing that was made: `CC fs/ext4/inode.o`. */
  readonly onStep?: (step: string) => void;
}

/** Lines of an error that are shown. */
const LAST_LINES = 12;
/** `flock` says by this that somebody else builds there. */
const TAKEN = 75;

/**
 * Runs the kernel's make on a folder that nobody else builds in meanwhile: the lock goes with the process. Ends it, with all that it
 * started, when the signal comes; what was made stays and is not made again.
 */
export function makeKernel(targets: readonly string[], options: MakeOptions): Promise<void> {
  const { source, objects, signal, onStep } = options;
  // Make ends with us, even when we are killed, and ends what it started.
  const command = ['--pdeathsig', 'TERM', 'flock', '-F', '-n', '-E', String(TAKEN), objects];
  // A group of its own: Ctrl-C is for us to handle.
  const child = spawn('setpriv', [...command, 'make', '-C', source, `O=${objects}`, ...targets], {
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, LC_ALL: 'C', KBUILD_BUILD_USER: 'vexfs-trace', KBUILD_BUILD_HOST: 'localhost' },
  });
  const stop = () => {
    if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGTERM');
  };
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  const last: string[] = [];
  const keep = (line: string) => {
    last.push(line.slice(0, 400));
    if (last.length > LAST_LINES) last.shift();
  };
  createInterface({ input: child.stdout }).on('line', (line) => {
    const step = STEP.exec(line);
    if (step === null) keep(line);
    else onStep?.(`${step[1]} ${step[2]}`);
  });
  createInterface({ input: child.stderr }).on('line', keep);
  return new Promise((resolve, reject) => {
    const fail = (exit: 'missing' | 'sigint', message: string, hint?: string) =>
      reject(new ExpectedError(exit, message, hint));
    child.once('error', () => fail('missing', 'setpriv is not installed', 'run: make setup'));
    child.once('close', (code) => {
      signal.removeEventListener('abort', stop);
      if (signal.aborted) fail('sigint', 'interrupted', 'run the same again: it goes on from here');
      else if (code === TAKEN) fail('missing', `somebody else builds in ${objects}`, 'wait until that has ended');
      else if (code !== 0) fail('missing', `make ${targets.at(-1)} failed (exit ${code}):\n  ${last.join('\n  ')}`);
      else resolve();
    });
  });
}

/** What the kernel's build says of a thing that it makes (scripts/Kbuild.include, quiet_cmd): `  CC      fs/ext4/inode.o`. */
const STEP = /^ {2}([A-Z][A-Z_0-9]*)(?: \[M\])? +(\S+)/;
