import { type Command, Option } from 'commander';
import { EXIT, type ExitName, ExpectedError } from '../base/errors.ts';
import { isFinding } from '../model/event.ts';
import type { Since } from '../sink/selection.ts';
import type { Format } from '../sink/sink.ts';
import { OUTPUT_OPTIONS } from './analyze-options.ts';
import { type FailOn, fails, OPTIONS } from './options.ts';
import { say } from './output.ts';
import type { OutputSpec } from './outputs.ts';
import { createInterrupt, exitOnSignals } from './signals.ts';
import { SYMBOL_OPTIONS, type SymbolFlags, symbolOptions } from './symbol-options.ts';

interface Flags extends SymbolFlags {
  readonly format: Format;
  readonly raw?: boolean;
  readonly output: readonly OutputSpec[];
  readonly since?: Since;
  readonly kind?: ReadonlySet<string>;
  readonly failOn: FailOn;
  readonly patterns: readonly string[];
  readonly profile: 'default' | 'syzkaller';
  readonly follow?: boolean;
}

/** A log that grows has paused when nothing was found for so long: what waits for its incident is shown. */
const PAUSE_MS = 500;

export function defineAnalyze(program: Command): void {
  program
    .command('analyze')
    .description('find and classify kernel reports in captured logs')
    .argument('[files...]', 'log files, packed or not, folders, captures, - for standard input')
    .option('-F, --follow', 'go on with what is appended, by name, until Ctrl-C')
    .addOption(OUTPUT_OPTIONS.format())
    .addOption(OUTPUT_OPTIONS.output())
    .addOption(OUTPUT_OPTIONS.raw())
    .addOption(OUTPUT_OPTIONS.kind())
    .addOption(OUTPUT_OPTIONS.since())
    .addOption(OPTIONS.failOn())
    .addOption(OPTIONS.patterns())
    .addOption(SYMBOL_OPTIONS.vmlinux())
    .addOption(SYMBOL_OPTIONS.module())
    .addOption(SYMBOL_OPTIONS.kernelTree())
    .addOption(OPTIONS.config())
    .addOption(
      new Option('--profile <name>', 'how strictly to read').choices(['default', 'syzkaller']).default('default'),
    )
    .addHelpText(
      'after',
      `
Examples:
  dmesg | vexfs-trace analyze -
  vexfs-trace analyze /var/log/kern.log* crashes/ captures/last
  vexfs-trace analyze --follow /var/log/kern.log
  vexfs-trace analyze console.log --vmlinux vmlinux --module myfs.ko --kernel-tree ~/linux
  vexfs-trace analyze console.log --format ndjson
  vexfs-trace analyze logs/*.log -o junit=report.xml -o sarif=report.sarif
  vexfs-trace analyze console.log --format markdown > issue.md
  vexfs-trace analyze console.log --format github            as a step of GitHub Actions
  vexfs-trace analyze console.log --kind lock,null-deref --since 120
  vexfs-trace analyze console.log --raw --kind kasan-use-after-free > report.txt
  vexfs-trace analyze console.log --fail-on none --format json | jq .summary`,
    )
    .action(async (files: string[], flags: Flags) => {
      if (files.length === 0 && process.stdin.isTTY) {
        throw new ExpectedError(
          'nothingRan',
          'there is no log to read',
          'name a file, or pipe one in: dmesg | vexfs-trace analyze -',
        );
      }
      process.exitCode = await runAnalyze(files.length === 0 ? ['-'] : files, flags);
    });
}

async function runAnalyze(files: readonly string[], flags: Flags): Promise<number> {
  const { analyze } = await import('../run/analyze.ts');
  const { openSymbols } = await import('../run/symbols.ts');
  const { Outputs } = await import('./outputs.ts');
  const { createSelection } = await import('../sink/selection.ts');
  const { since, kind } = flags;
  const selection = createSelection({ ...(since && { since }), ...(kind && { kinds: kind }) });
  const format = flags.raw ? 'raw' : flags.format;
  const warn = (text: string) => say(`warning: ${text}`);
  const symbols = await openSymbols(symbolOptions(flags), { warn, live: false });
  const interrupt = flags.follow ? createInterrupt() : undefined;
  const release = interrupt?.dispose ?? exitOnSignals();
  const outputs = new Outputs([{ format, path: '-' }, ...flags.output], files);
  let timer: NodeJS.Timeout | undefined;
  let findings = 0;
  let bad = false;
  let unread: ExitName | undefined;
  try {
    // To look at standard input opens it.
    unread = await analyze(files, files.includes('-') ? process.stdin : undefined, {
      ...(interrupt && { follow: interrupt.signal }),
      patterns: flags.patterns,
      profile: flags.profile,
      keepRaw: true,
      warn,
      room: () => symbols.room(),
      onLog: (log) => symbols.inOrder(() => outputs.log(log)),
      onEvent: (event, about) => {
        if (isFinding(event) && !event.final) return;
        const shown = selection.pick(event);
        if (shown === null) return;
        if (isFinding(shown)) {
          findings += 1;
          bad ||= fails(shown, flags.failOn);
        }
        symbols.event(shown, (event) => outputs.event(event, about));
        if (files.includes('-') || flags.follow) {
          clearTimeout(timer);
          timer = setTimeout(() => outputs.pause(), PAUSE_MS);
        }
      },
    });
    await symbols.close();
    outputs.close();
  } finally {
    release();
    clearTimeout(timer);
    outputs.discard();
    await symbols.close();
  }
  if (selection.undated > 0)
    say(`${selection.undated} of the findings shown have no time that --since can be compared with`);
  if (format === 'text' && findings === 0) say('no findings');
  return bad ? EXIT.findings : EXIT[unread ?? 'ok'];
}
