import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { onAbort } from '../base/abort.ts';
import type { AgentAnswer } from '../model/guest.ts';

/** Output of a check that is read; what is beyond is thrown away. */
const MAX_OUTPUT = 1 << 20;
/** A program that has been told to stop cleans up behind itself; one that was killed is gone by then, or inside the kernel. */
const CLEAN_UP_MS = 10_000;

export interface Checked {
  readonly answer: AgentAnswer;
  readonly late: boolean;
  /** Not even a kill ends it: it waits inside the kernel, and is left there. */
  readonly stuck: boolean;
}

/**
 * Runs a program of this machine to its end, or until its time is over or somebody interrupts: then it and all that it has
 * started are asked to stop, and made to. Never waits longer than twice `cleanUpMs` beyond that. Never rejects.
 */
export function runCheck(
  program: string,
  args: readonly string[],
  limitMs: number,
  signal: AbortSignal,
  cleanUpMs = CLEAN_UP_MS,
): Promise<Checked> {
  return new Promise((done) => {
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], detached: true });
    const timers: NodeJS.Timeout[] = [];
    const after = (ms: number, work: () => void) => void timers.push(setTimeout(work, ms));
    let output = '';
    let late = false;
    const read = (bytes: Buffer) => {
      if (output.length < MAX_OUTPUT) output += bytes.toString('utf8');
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    let off = () => {};
    const finish = (answer: AgentAnswer, stuck = false) => {
      for (const timer of timers) clearTimeout(timer);
      off();
      endGroup(child, 'SIGKILL');
      for (const stream of [child.stdout, child.stderr]) stream.destroy();
      child.unref();
      done({ answer, late, stuck });
    };
    const stop = () => {
      endGroup(child, 'SIGTERM');
      after(cleanUpMs, () => endGroup(child, 'SIGKILL'));
      after(2 * cleanUpMs, () => finish({ status: -1, output }, isInKernel(child.pid)));
    };
    after(limitMs, () => {
      late = true;
      stop();
    });
    child.once('error', (error) => finish({ status: -1, output: '', error: error.message }));
    child.once('exit', (code, ended) => {
      const answer = () => finish({ status: code ?? -1, output, ...(ended !== null && { signal: ended }) });
      // What it has started may hold its pipes for ever.
      endGroup(child, 'SIGKILL');
      child.once('close', answer);
      after(cleanUpMs, answer);
    });
    off = onAbort(signal, stop);
  });
}

function endGroup({ pid }: ChildProcess, signal: 'SIGTERM' | 'SIGKILL'): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch {
    // All of it has gone by itself.
  }
}

/** State D of proc(5), /proc/PID/stat: behind the name, which may hold anything. */
function isInKernel(pid: number | undefined): boolean {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return text.slice(text.lastIndexOf(')') + 2).startsWith('D');
  } catch {
    return false;
  }
}
