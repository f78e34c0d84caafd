import { spawn } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { ExpectedError } from '../base/errors.ts';

export interface TurnsOptions {
  /** The program that is `vexfs-trace`. */
  readonly program: readonly string[];
  /** Options of `stress` of each side. */
  readonly sides: Readonly<Record<'a' | 'b', readonly string[]>>;
  readonly rounds: number;
  readonly folder: string;
  readonly signal: AbortSignal;
  readonly progress: (text: string) => void;
}

/**
 * Runs both sides so often, each in a process and guest of its own: a b, b a, a b … What changes with time meets both alike, and
 * what differs from boot to boot is seen as often as there are rounds. Returns the folders with the runs.
 */
export async function runByTurns(options: TurnsOptions): Promise<Readonly<Record<'a' | 'b', string>>> {
  const { rounds, sides, folder, signal, progress } = options;
  const folders = { a: join(folder, 'a'), b: join(folder, 'b') } as const;
  for (const own of Object.values(folders)) {
    if (existsSync(own)) throw new ExpectedError('usage', `${own} is there already`, 'name another folder');
    mkdirSync(own, { recursive: true });
  }
  for (let round = 1; round <= rounds; round++)
    for (const side of round % 2 === 1 ? (['a', 'b'] as const) : (['b', 'a'] as const)) {
      if (signal.aborted) return folders;
      progress(`round ${round} of ${rounds}: ${side}`);
      const name = join(folders[side], String(round).padStart(4, '0'));
      const code = await run([...options.program, 'stress', ...sides[side], '--folder', name]);
      // Tests that fail have measured all the same; a run that cannot be made would not be the next time either.
      if (!existsSync(join(name, 'summary.json')) && !signal.aborted)
        throw new ExpectedError('guest', `round ${round} of ${side} ended with ${code} and without results`);
    }
  return folders;
}

/** Its progress is ours, its results are in its folder. A Ctrl-C reaches it as well, as it is of our group. */
function run([program = '', ...args]: readonly string[]): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'inherit'] });
    child.once('error', reject);
    child.once('close', (code) => resolve(code ?? -1));
  });
}
