import { type Command, Option } from 'commander';
import { EXIT, ExpectedError } from '../base/errors.ts';
import { atLeast, type Severity } from '../model/classification.ts';
import { isFinding } from '../model/event.ts';
import { OPTIONS } from './options.ts';
import { createPrinter, type Format, say } from './output.ts';

interface Flags {
  readonly format: Format;
  readonly failOn: Severity;
  readonly patterns: readonly string[];
  readonly profile: 'default' | 'syzkaller';
}

export function defineAnalyze(program: Command): void {
  program
    .command('analyze')
    .description('find and classify kernel reports in captured logs')
    .argument('[files...]', 'log files, - for standard input')
    .addOption(OPTIONS.format())
    .addOption(OPTIONS.failOn())
    .addOption(OPTIONS.patterns())
    .addOption(
      new Option('--profile <name>', 'how strictly to read').choices(['default', 'syzkaller']).default('default'),
    )
    .addHelpText(
      'after',
      `
Examples:
  dmesg | vexfs-trace analyze -
  vexfs-trace analyze console.log --format ndjson`,
    )
    .action(async (files: string[], flags: Flags) => {
      if (files.length === 0 && process.stdin.isTTY) {
        throw new ExpectedError(
          'nothingRan',
          'there is no log to read',
          'name a file, or pipe one in: dmesg | vexfs-trace analyze -',
        );
      }
      const { analyze } = await import('../run/analyze.ts');
      const print = createPrinter(flags.format);
      let findings = 0;
      let bad = false;
      await analyze(files.length === 0 ? ['-'] : files, process.stdin, {
        patterns: flags.patterns,
        profile: flags.profile,
        warn: (text) => say(`warning: ${text}`),
        onEvent: (event) => {
          if (isFinding(event)) {
            if (!event.final) return;
            findings += 1;
            bad ||= atLeast(event.severity, flags.failOn);
          }
          print(event);
        },
      });
      if (flags.format === 'text')
        say(findings === 0 ? 'no findings' : `${findings} finding${findings === 1 ? '' : 's'}`);
      process.exitCode = bad ? EXIT.findings : EXIT.ok;
    });
}
