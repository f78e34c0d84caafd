import { type Command, Option } from 'commander';
import pc from 'picocolors';
import { EXIT } from '../base/errors.ts';
import { print, wantsColor } from './output.ts';

export function defineDoctor(program: Command): void {
  program
    .command('doctor')
    .description('what this machine can and cannot do, why it matters, and the command that mends it')
    .addOption(new Option('--format <format>', 'how it is written').choices(['text', 'json']).default('text'))
    .action(async (flags: { format: string }) => {
      const { examine } = await import('../run/doctor.ts');
      const needs = await examine();
      if (flags.format === 'json') print(JSON.stringify(needs, null, 2));
      else {
        const colors = pc.createColors(wantsColor(process.stdout));
        for (const { name, met, seen, why, mend, optional } of needs) {
          const mark = met ? colors.green('ok  ') : optional ? colors.yellow('miss') : colors.red('MISS');
          print(`${mark} ${name.padEnd(26)} ${seen}`);
          if (!met) print(`     needed for: ${why}\n     mend it:    ${mend}`);
        }
      }
      process.exitCode = needs.every(({ met, optional }) => met || optional) ? EXIT.ok : EXIT.missing;
    });
}
