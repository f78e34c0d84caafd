import { type Command, InvalidArgumentError, Option } from 'commander';
import { EXIT, ExpectedError } from '../base/errors.ts';
import { toJson } from '../base/text.ts';
import type { Transition } from '../run/alert-text.ts';
import { collect, duration } from './options.ts';
import { print, say } from './output.ts';

interface Shown {
  readonly format: 'text' | 'json';
}
const warn = (text: string) => say(`warning: ${text}`);

export function defineAlerts(program: Command): void {
  const alerts = program
    .command('alerts')
    .description('rules of alerts: what they are, what they would have told, what they told, what is silenced')
    .addHelpText(
      'after',
      `
A run tells of alerts with --alerts FILE, or --alerts built-in (docs/alerts.md).

Examples:
  vexfs-trace alerts list
  vexfs-trace alerts test alerts.yaml
  vexfs-trace alerts test alerts.yaml --on captures/20260101-120000
  vexfs-trace alerts history runs/20260101-120000
  vexfs-trace alerts silence 'memory' --where machine=host --for 2h --comment 'a build'`,
    );
  const format = () =>
    new Option('--format <format>', 'for people or for programs').choices(['text', 'json']).default('text');

  alerts
    .command('list')
    .description('the rules of a file, and which are silenced')
    .argument('[file]', 'a file of rules', 'built-in')
    .addOption(format())
    .action(async (file: string, flags: Shown) => {
      const { describeRules } = await import('../run/alert-text.ts');
      const { readAlertFile } = await import('../run/alert-files.ts');
      const { rules } = readAlertFile(file);
      print(flags.format === 'json' ? `${toJson(rules)}\n` : describeRules(rules));
    });

  alerts
    .command('test')
    .description('check a file of rules; with a recording, what they would have told of it (exit 1 when they would)')
    .argument('<file>', 'a file of rules, or built-in')
    .option('--on <recording>', 'recording of attach, or run of tests')
    .addOption(format())
    .action(async (file: string, flags: Shown & { readonly on?: string }) => {
      process.exitCode = await runTest(file, flags);
    });

  alerts
    .command('history')
    .description('the alerts of a run')
    .argument('[folder]', 'run of tests, or recording; the newest below runs/ and captures/ unless given')
    .addOption(format())
    .action(async (folder: string | undefined, flags: Shown) => {
      const { findReportInput } = await import('../run/report-input.ts');
      const { readHistory } = await import('../run/alert-history.ts');
      await show(await readHistory(findReportInput(folder).folder, warn), flags);
    });

  alerts
    .command('silence')
    .description('keep alerts from being sent for a while; they are recorded still')
    .argument('[rule]', 'name of a rule, * is any text')
    .addOption(
      new Option('--where <label=value>', 'only with this label (repeatable)').argParser(label).default([], 'any'),
    )
    .addOption(new Option('--for <time>', 'how long, such as 30m or 2h').argParser(duration))
    .option('--comment <text>', 'why', '')
    .option('--list', 'what is silenced')
    .option('--remove <id>', 'end a silence')
    .action(async (rule: string | undefined, flags: SilenceFlags) => {
      await runSilence(rule, flags);
    });
}

async function runTest(file: string, flags: Shown & { readonly on?: string }): Promise<number> {
  if (flags.on === undefined) {
    const { readAlertFile } = await import('../run/alert-files.ts');
    const { rules } = readAlertFile(file);
    say(`${file}: ok, ${rules.length} ${rules.length === 1 ? 'rule' : 'rules'}`);
    return EXIT.ok;
  }
  const { testAlerts } = await import('../run/alert-test.ts');
  const transitions = await testAlerts(file, flags.on, warn);
  await show(transitions, flags);
  return transitions.some(({ state }) => state === 'firing') ? EXIT.findings : EXIT.ok;
}

async function show(transitions: readonly Transition[], { format }: Shown): Promise<void> {
  const { describeTransitions } = await import('../run/alert-text.ts');
  if (format === 'json') for (const one of transitions) print(`${toJson(one)}\n`);
  else if (transitions.length === 0) say('no alerts');
  else print(describeTransitions(transitions));
}

interface SilenceFlags {
  readonly where: readonly string[];
  readonly for?: number;
  readonly comment: string;
  readonly list?: boolean;
  readonly remove?: string;
}

async function runSilence(rule: string | undefined, flags: SilenceFlags): Promise<void> {
  const { addSilence, listSilences, removeSilence } = await import('../run/alert-silence.ts');
  if (flags.list) {
    const text = listSilences();
    if (text === '') say('nothing is silenced');
    else print(text);
  } else if (flags.remove !== undefined) removeSilence(flags.remove);
  else if (rule === undefined || flags.for === undefined)
    throw new ExpectedError(
      'usage',
      'which rule, and for how long?',
      "such as: vexfs-trace alerts silence 'memory' --for 2h",
    );
  else {
    const labels = Object.fromEntries(flags.where.map((text) => text.split(/=(.*)/s).slice(0, 2)));
    say(`silenced: ${addSilence({ rule, labels, forMs: flags.for, comment: flags.comment })}`);
  }
}

function label(value: string, before: readonly string[]): string[] {
  if (!/^[a-z]+=./.test(value)) throw new InvalidArgumentError('write a label and its value, such as machine=host.');
  return collect(value, before);
}
