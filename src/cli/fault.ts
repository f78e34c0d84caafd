import type { Command } from 'commander';
import { OPTIONS } from './options.ts';
import { print, say } from './output.ts';
import { createInterrupt } from './signals.ts';

export function defineFault(program: Command): void {
  program
    .command('fault')
    .description('faults of the vexfs module')
    .command('list')
    .description('what can be triggered with attach --inject, and the detector each needs')
    .addOption(OPTIONS.kernel())
    .action(async (flags: { kernel: string }) => {
      const { readFaultList } = await import('../run/fault-list.ts');
      const interrupt = createInterrupt();
      const rows = await readFaultList(flags.kernel, say, interrupt.signal);
      interrupt.dispose();
      const width = Math.max(...rows.map(({ name }) => name.length));
      for (const { name, classification, needs, about } of rows)
        print(`${name.padEnd(width)}  ${classification.padEnd(22)}  ${needs.padEnd(12)}  ${about}`);
    });
}
