import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../guest/paths.ts';

/** A program as a whole process: arguments, the program first. Its output is read and counted, as a person's pipe would. */
export type Command = readonly string[];

export interface Ran {
  /** Start to exit. */
  readonly seconds: number;
  /** Most memory that it held, in megabytes; of programs on Node only. */
  readonly megabytes: number | undefined;
  readonly output: string;
}

/** The program as it was built. */
export const VEXFS_TRACE = [process.execPath, join(packageRoot(), 'bin/vexfs-trace')] as const;

/** Runs it once. `peak` is a file that `writePeakHook` made: it has a program on Node say how much memory it took. */
export async function run([program = '', ...args]: Command, peak?: string): Promise<Ran> {
  const hook = peak === undefined ? {} : { NODE_OPTIONS: `--require ${peak}` };
  const start = performance.now();
  const child = spawn(program, args, {
    env: { ...process.env, ...hook, LC_ALL: 'C', NO_COLOR: '1' },
    stdio: ['ignore', 'pipe', 'ignore', 'pipe'],
  });
  const ended = new Promise((resolve, reject) => child.once('exit', resolve).once('error', reject));
  const [output, said] = await Promise.all([
    textOf(child.stdout as AsyncIterable<Buffer>),
    textOf(child.stdio[3] as unknown as AsyncIterable<Buffer>),
    ended,
  ]);
  const seconds = (performance.now() - start) / 1000;
  return { seconds, megabytes: said === '' ? undefined : Number(said) / 1024, output };
}

/** The kernel's own count (proc_pid_status(5), VmHWM): that of getrusage begins with what the parent held. */
export function writePeakHook(dir: string): string {
  const file = join(dir, 'peak.cjs');
  writeFileSync(
    file,
    `const { readFileSync, writeSync } = require('node:fs');
process.on('exit', () => {
  const [, kilobytes] = /^VmHWM:\\s*(\\d+)/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
  try { writeSync(3, kilobytes); } catch {}
});
`,
  );
  return file;
}

async function textOf(stream: AsyncIterable<Buffer>): Promise<string> {
  let text = '';
  for await (const chunk of stream) if (text.length < 10_000) text += chunk;
  return text;
}

export interface Compared {
  /** Median seconds of each command. */
  readonly seconds: readonly number[];
  /** Each command's time by that of the first one, in the same round: median, least, most. */
  readonly ratios: readonly (readonly [median: number, least: number, most: number])[];
}

/** Runs commands in turn, A B C A B C …, so that what slows the machine down for a while slows all of them; a first round is not counted. */
export async function compare(commands: readonly Command[], rounds: number): Promise<Compared> {
  const rows: number[][] = [];
  for (let round = 0; round <= rounds; round++) {
    const row: number[] = [];
    for (const command of commands) row.push((await run(command)).seconds);
    if (round > 0) rows.push(row);
  }
  const of = (index: number, value: (row: readonly number[]) => number) =>
    rows.map((row) => value([row[index] ?? Number.NaN, row[0] ?? Number.NaN])).sort((a, b) => a - b);
  return {
    seconds: commands.map((_, i) => median(of(i, ([own = Number.NaN]) => own))),
    ratios: commands.map((_, i) => {
      const ratios = of(i, ([own = Number.NaN, first = Number.NaN]) => own / first);
      return [median(ratios), ratios[0] ?? Number.NaN, ratios.at(-1) ?? Number.NaN];
    }),
  };
}

export function median(sorted: readonly number[]): number {
  const half = sorted.length / 2;
  return ((sorted[Math.ceil(half) - 1] ?? Number.NaN) + (sorted[Math.floor(half)] ?? Number.NaN)) / 2;
}
