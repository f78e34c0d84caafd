import { readFileSync, rmSync, statfsSync } from 'node:fs';
import { join } from 'node:path';
import { prefilterWords } from '../grammar/prefilter.ts';
import { packageRoot } from '../guest/paths.ts';
import { compare, run, VEXFS_TRACE, writePeakHook } from './bench-command.ts';
import { writeLog } from './bench-log.ts';

const MB = 1_000_000;
/** A crash of a guest of ours, as its console has it. */
const REPORT = join(packageRoot(), 'fixtures/guests/stock/null-deref.console');
const EVERY = 2000;

/** A clean log of `megabytes`, against `grep -cE` with the words that a report can begin with. */
export async function benchCleanLog(dir: string, megabytes: number, rounds: number): Promise<void> {
  const file = join(dir, 'clean.log');
  writeLog(file, megabytes * MB);
  const words = prefilterWords().map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  const grep = ['grep', '-cE', words.join('|'), file];
  const ours = [...VEXFS_TRACE, 'analyze', file];
  const { seconds, ratios } = await compare([grep, ours], rounds);
  const [middle = 0, least = 0, most = 0] = ratios[1] ?? [];
  const speed = (i: number) => `${(seconds[i] ?? 0).toFixed(2)} s, ${(megabytes / (seconds[i] ?? 0)).toFixed(0)} MB/s`;
  console.log(`clean     a clean console log of ${megabytes} MB, ${words.length} words, ${rounds} rounds in turn`);
  console.log(`          grep -cE   ${speed(0)}   analyze   ${speed(1)}`);
  console.log(`          analyze / grep   ${middle.toFixed(2)} (${least.toFixed(2)} to ${most.toFixed(2)})`);
  rmSync(file);
}

/** The most memory that `analyze` holds, for logs of several sizes. */
export async function benchMemory(dir: string, sizes: readonly number[]): Promise<void> {
  const hook = writePeakHook(dir);
  const file = join(dir, 'size.log');
  for (const megabytes of sizes) {
    const { bavail, bsize } = statfsSync(dir);
    if (bavail * bsize < (megabytes + 1000) * MB) {
      console.log(`memory    ${megabytes} MB: not measured, ${dir} has too little room`);
      continue;
    }
    for (const [what, report] of [
      ['clean', undefined],
      [`a report every ${EVERY} lines`, { text: readFileSync(REPORT, 'latin1'), every: EVERY }],
    ] as const) {
      // What has a report is no faster to read than it is to write; a tenth shows as much.
      const size = report === undefined ? megabytes : megabytes / 10;
      writeLog(file, size * MB, report);
      const { megabytes: peak } = await run([...VEXFS_TRACE, 'analyze', file], hook);
      console.log(`memory    ${what}, ${size} MB: at most ${peak?.toFixed(0)} MB`);
      rmSync(file);
    }
  }
}

/** Logs with a report every two thousand lines. */
export async function benchReports(dir: string, rounds: number): Promise<void> {
  const report = { text: readFileSync(REPORT, 'latin1'), every: EVERY };
  const sizes = [10, 100];
  const files = sizes.map((megabytes) => join(dir, `reports-${megabytes}.log`));
  for (const [i, file] of files.entries()) writeLog(file, (sizes[i] ?? 0) * MB, report);
  const { seconds, ratios } = await compare(
    files.map((file) => [...VEXFS_TRACE, 'analyze', file]),
    rounds,
  );
  const speeds = sizes.map((megabytes, i) => `${megabytes} MB: ${(megabytes / (seconds[i] ?? 0)).toFixed(0)} MB/s`);
  console.log(`reports   a log with a report every ${EVERY} lines, start to exit: ${speeds.join(', ')}`);
  console.log(`          ten times the log takes ${ratios[1]?.[0].toFixed(1)} times as long`);
  for (const file of files) rmSync(file);
}
