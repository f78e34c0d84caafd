import { type Command, Option } from 'commander';
import { EXIT } from '../base/errors.ts';
import { isFinding } from '../model/event.ts';
import { type FailOn, fails, OPTIONS } from './options.ts';
import { createPrinter, type LiveFormat, print, say } from './output.ts';
import { createInterrupt } from './signals.ts';

interface Flags {
  readonly format: LiveFormat;
  readonly failOn: FailOn;
  readonly patterns: readonly string[];
  readonly pace: 'fast' | 'recorded';
  readonly check?: boolean;
}

export function defineReplay(program: Command): void {
  program
    .command('replay')
    .description('run a recorded capture through the grammar and patterns again')
    .argument('<capture>', 'folder that attach recorded')
    .addOption(
      new Option('--pace <pace>', 'as fast as it goes, or as it was').choices(['fast', 'recorded']).default('fast'),
    )
    .option('--check', 'compare with the events that were written live')
    .addOption(OPTIONS.format())
    .addOption(OPTIONS.failOn())
    .addOption(OPTIONS.patterns())
    .addHelpText(
      'after',
      `
Examples:
  vexfs-trace replay captures/20260101-120000
  vexfs-trace replay captures/20260101-120000 --check`,
    )
    .action(async (capture: string, flags: Flags) => {
      process.exitCode = await (flags.check ? runCheck(capture, flags) : runReplay(capture, flags));
    });
}

async function runReplay(capture: string, flags: Flags): Promise<number> {
  const { replay } = await import('../run/replay.ts');
  const interrupt = createInterrupt();
  const printer = createPrinter(flags.format);
  let bad = false;
  await replay(capture, {
    patterns: flags.patterns,
    recordedPace: flags.pace === 'recorded',
    signal: interrupt.signal,
    warn: (text) => say(`warning: ${text}`),
    onEvent: (event) => {
      if (isFinding(event)) bad ||= fails(event, flags.failOn);
      printer(event);
    },
  });
  interrupt.dispose();
  return interrupt.exitCode() ?? (bad ? EXIT.findings : EXIT.ok);
}

async function runCheck(capture: string, flags: Flags): Promise<number> {
  const { checkReplay } = await import('../run/replay.ts');
  const interrupt = createInterrupt();
  const differences = await checkReplay(capture, {
    patterns: flags.patterns,
    signal: interrupt.signal,
    warn: (text) => say(`warning: ${text}`),
  });
  interrupt.dispose();
  for (const { seq, live, replayed } of differences) {
    print(`event ${seq}\n  live:     ${live ?? '(none)'}\n  replayed: ${replayed ?? '(none)'}`);
  }
  say(differences.length === 0 ? 'the replay gives the same events' : 'the replay differs from the live run');
  return interrupt.exitCode() ?? (differences.length === 0 ? EXIT.ok : EXIT.findings);
}
