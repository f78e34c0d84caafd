import { type Command, Option } from 'commander';
import { EXIT } from '../base/errors.ts';
import { isFinding } from '../model/event.ts';
import { type FailOn, fails, OPTIONS } from './options.ts';
import { createPrinter, type LiveFormat, print, say } from './output.ts';
import { createInterrupt } from './signals.ts';
import { SYMBOL_OPTIONS, type SymbolFlags, symbolOptions } from './symbol-options.ts';
import { openAsked, type WatchFlags } from './watch-options.ts';

interface Flags extends SymbolFlags, WatchFlags {
  readonly format: LiveFormat;
  readonly failOn: FailOn;
  readonly patterns: readonly string[];
  readonly store?: string | boolean;
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
    .addOption(OPTIONS.store())
    .addOption(OPTIONS.noStore())
    .addOption(OPTIONS.metricsFile())
    .addOption(OPTIONS.metricsInterval())
    .addOption(OPTIONS.alerts())
    .addOption(OPTIONS.alertCommand())
    .addOption(OPTIONS.config())
    .addOption(SYMBOL_OPTIONS.vmlinux().conflicts('check'))
    .addOption(SYMBOL_OPTIONS.module().conflicts('check'))
    .addOption(SYMBOL_OPTIONS.kernelTree().conflicts('check'))
    .addHelpText(
      'after',
      `
Examples:
  vexfs-trace replay captures/20260101-120000
  vexfs-trace replay captures/20260101-120000 --check
  vexfs-trace replay captures/20260101-120000 --module myfs.ko`,
    )
    .action(async (capture: string, flags: Flags) => {
      process.exitCode = await (flags.check ? runCheck(capture, flags) : runReplay(capture, flags));
    });
}

async function runReplay(capture: string, flags: Flags): Promise<number> {
  const { replay } = await import('../run/replay.ts');
  const { openLiveStore } = await import('../run/store-live.ts');
  const { openSymbols } = await import('../run/symbols.ts');
  const warn = (text: string) => say(`warning: ${text}`);
  const symbols = await openSymbols(symbolOptions(flags), { warn, live: false });
  const interrupt = createInterrupt();
  const store = await openLiveStore(
    flags.store,
    { kind: 'replay', command: ['replay', capture], folder: capture },
    warn,
  );
  const watcher = await openAsked(flags, { command: ['replay', capture] }, { warn, progress: say });
  const printer = createPrinter(flags.format);
  let bad = false;
  try {
    await replay(capture, {
      patterns: flags.patterns,
      recordedPace: flags.pace === 'recorded',
      signal: interrupt.signal,
      warn,
      onEvent: (event) => {
        if (isFinding(event)) bad ||= fails(event, flags.failOn);
        symbols.event(event, (event) => {
          store.event(event);
          watcher.event(event);
          printer(event);
        });
      },
    });
  } finally {
    await symbols.close();
    await store.close();
    await watcher.close();
  }
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
