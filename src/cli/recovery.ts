import type { Command } from 'commander';
import { InvalidArgumentError } from 'commander';
import { manyLines } from '../sink/escape.ts';
import { OPTIONS } from './options.ts';
import { print, say } from './output.ts';

interface PlanFlags {
  readonly taint: string;
  readonly snapshot: boolean;
  readonly dead?: boolean;
  readonly silent?: boolean;
  readonly earlier: number;
  readonly patterns: readonly string[];
}

export function defineRecovery(program: Command): void {
  const recovery = program.command('recovery').description('what is done about a failure, and what came of it so far');
  recovery
    .command('plan')
    .description('print what would be done, with the reasons; no guest is needed')
    .argument('<what>', 'a classification, a kind of finding, or the id of a pattern')
    .option('--taint <letters>', "taint of the kernel as its reports say, such as 'G      D    O'", '')
    .option('--no-snapshot', 'there is no snapshot to restore')
    .option('--dead', 'the guest has died')
    .option('--silent', 'the agent in the guest does not answer')
    .option('--earlier <count>', 'how often the same failure was recovered before', count, 0)
    .addOption(OPTIONS.patterns())
    .action(async (what: string, flags: PlanFlags) => {
      const { planText } = await import('../run/recovery-command.ts');
      const request = { ...flags, what, dead: flags.dead ?? false, silent: flags.silent ?? false };
      print(manyLines(await planText(request, (text) => say(`warning: ${text}`))));
    });
  recovery
    .command('stats')
    .description('how often each action was tried on this machine, and how often it helped')
    .action(async () => {
      const { statisticsText } = await import('../run/recovery-command.ts');
      print(manyLines(statisticsText()));
    });
}

function count(text: string): number {
  if (!/^\d{1,3}$/.test(text)) throw new InvalidArgumentError('give a number from 0 to 999');
  return Number(text);
}
