import type { Command } from 'commander';
import { manyLines } from '../sink/escape.ts';
import { OPTIONS } from './options.ts';
import { print, say } from './output.ts';

export function defineExplain(program: Command): void {
  program
    .command('explain')
    .description('what a pattern stands for: its meaning, what to look at, and what recovery would do')
    .argument('<pattern>', 'id of a pattern, as findings name it')
    .addOption(OPTIONS.patterns())
    .action(async (id: string, flags: { readonly patterns: readonly string[] }) => {
      const { explainPattern } = await import('../run/patterns-catalogue.ts');
      print(manyLines(await explainPattern(id, flags.patterns, (text) => say(`warning: ${text}`))));
    });
}
