import { spawn } from 'node:child_process';
import { messageOf } from './errors.ts';

export interface ConfinedResult {
  /** It ran to its end, with status 0. */
  readonly ok: boolean;
  /** What became of it, for people: `exit 1: ...`, `took longer than 30 s`. */
  readonly text: string;
  readonly durationMs: number;
}

export interface ConfinedOptions {
  readonly env: NodeJS.ProcessEnv;
  readonly limitMs: number;
  readonly signal?: AbortSignal;
  /** What it reads; nothing when absent. */
  readonly input?: string;
}

/** The last of what a program says is kept. */
const MAX_SAID = 4096;

/** Runs a program without a shell and never throws. It and all that it started end with the limit or the signal. */
export async function runConfined(
  program: string,
  args: readonly string[],
  { env, limitMs, signal, input }: ConfinedOptions,
): Promise<ConfinedResult> {
  const start = performance.now();
  const child = spawn(program, args, {
    stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
    detached: true,
    env,
  });
  // One that does not read is no failure.
  child.stdin?.on('error', () => {});
  child.stdin?.end(input);
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (bytes: Buffer) => {
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
  for (const stream of [child.stdout, child.stderr]) stream?.destroy();
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
