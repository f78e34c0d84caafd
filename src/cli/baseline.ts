import type { Command } from 'commander';
import { print, say } from './output.ts';

export function defineBaseline(program: Command): void {
  const baseline = program.command('baseline').description('runs that are kept by a name, to compare others with');
  baseline
    .command('save')
    .description('keep the figures of a run, in place of what had the name')
    .argument('<name>', 'letters, digits, dots, dashes and underscores')
    .argument('<run>', 'folder of a run, or its summary.json')
    .action(async (name: string, run: string) => {
      const { saveBaseline } = await import('../run/baselines.ts');
      const { readSide } = await import('../run/compare-runs.ts');
      say(`kept as ${name}: ${saveBaseline(name, readSide(run))}`);
    });
  baseline
    .command('list')
    .description('the names there are, and when each was saved')
    .action(async () => {
      const { listBaselines } = await import('../run/baselines.ts');
      for (const { name, saved } of listBaselines()) print(`${name}  ${saved}`);
    });
  baseline
    .command('rm')
    .description('forget one')
    .argument('<name>', 'as the list has it')
    .action(async (name: string) => {
      const { removeBaseline } = await import('../run/baselines.ts');
      removeBaseline(name);
    });
}
