import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { FtraceSplitter, vexfsEvent } from '../grammar/ftrace/index.ts';
import { analyserOf } from './testing.ts';

const analyse = analyserOf(() => new FtraceSplitter(), vexfsEvent);

/** A second of the built-in load with every event of the module, as two CPUs of a guest made it; nothing was lost. */
const LOAD = readFileSync(join(import.meta.dirname, '../../fixtures/ftrace/6.1/load.txt'), 'utf8')
  .split('\n')
  .filter(Boolean);
const run = (lines: readonly string[]) => analyse(Buffer.from(`${lines.join('\n')}\n`));

test('as it is nothing is found, and the rules with enough behind them are those of the module', () => {
  const { told, summary } = run(LOAD);
  expect(told).toEqual([]);
  expect(summary).toMatchObject({ gaps: 0, accesses: 401 });
  expect(summary.rules.map(({ member, write, locks, support }) => [member, write, locks.join(), support])).toEqual([
    ['vexfs_sb_info.stats.ops', true, 'sbi.stats_lock', 1],
    ['vexfs_sb_info.used', true, 'sbi.space_lock', 1],
  ]);
});

/** As if a function had left its lock out: places of the fault missing-lock, and what they must come to. */
test.each([
  ['vexfs_op_end', 'sbi.stats_lock', ['race B vexfs_sb_info.stats.ops']],
  [
    'vexfs_count_search',
    'sbi.stats_lock',
    ['race B vexfs_sb_info.stats.searches', 'race B vexfs_sb_info.stats.search_ns'],
  ],
  ['vexfs_count_bytes', 'sbi.stats_lock', ['race B vexfs_sb_info.stats.bytes_written']],
  ['vexfs_count_objects', 'sbi.space_lock', ['race B vexfs_sb_info.inodes']],
])('%s without %s', (fn, lock, races) => {
  const without = LOAD.filter((line) => !(line.includes(`class=${lock} `) && line.includes(`ip=${fn}+`)));
  expect(without.length).toBeLessThan(LOAD.length);
  expect(run(without).told).toEqual(races);
});
