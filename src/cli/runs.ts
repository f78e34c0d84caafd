import { Argument, type Command, InvalidArgumentError, Option } from 'commander';
import { AtomicFile } from '../base/atomic-file.ts';
import { EXIT, ExpectedError, messageOf } from '../base/errors.ts';
import { toJson } from '../base/text.ts';
import { readValue } from '../config/value-types.ts';
import { SEVERITIES } from '../model/classification.ts';
import { tableOption } from './configured.ts';
import { collect, OPTIONS, positive } from './options.ts';
import { print, say } from './output.ts';
import { defineHistory } from './runs-history.ts';

interface Where {
  readonly store?: string;
}
interface MetricFilter {
  readonly kind?: string;
  readonly name?: string;
  readonly label?: string;
}
interface Shown extends Where {
  readonly format: 'text' | 'json';
}

const warn = (text: string) => say(`warning: ${text}`);

export function defineRuns(program: Command): void {
  const runs = program
    .command('runs')
    .description('what earlier runs were, what broke in them and how it was mended; the store that keeps them')
    .addHelpText(
      'after',
      `
A run is named by its id, by four characters or more that its id begins or ends with, or by "last".

Examples:
  vexfs-trace runs list
  vexfs-trace runs show last
  vexfs-trace runs events last --event crash --severity critical
  vexfs-trace runs metrics last --kind latency
  vexfs-trace runs trend --days 7
  vexfs-trace runs failures
  vexfs-trace runs export last -o run.ndjson
  vexfs-trace runs import captures/20260101-120000
  vexfs-trace runs prune --older-than 30d --max-size 2G`,
    );
  const add = (name: string, about: string) =>
    runs.command(name).description(about).addOption(tableOption('store')).addOption(OPTIONS.config());
  const format = () =>
    new Option('--format <format>', 'for people or for programs').choices(['text', 'json']).default('text');
  const run = () => new Argument('<run>', 'which run');

  add('list', 'runs, the last first')
    .addOption(format())
    .option('--limit <n>', 'at most so many', positive)
    .option('--kept', 'only those that are marked to be kept')
    .action(async (flags: Shown & { readonly limit?: number; readonly kept?: boolean }) => {
      const { limit, kept } = flags;
      const filter = { ...(limit !== undefined && { limit }), ...(kept !== undefined && { kept }) };
      const text = await use(flags, (each) => each.list(filter, flags.format === 'json'));
      if (text !== '') print(text);
    });

  add('show', 'a run: its guests, tests, incidents, recoveries, and since when its failures are known')
    .addArgument(run())
    .addOption(format())
    .action(async (name: string, flags: Shown) => {
      print(await use(flags, (each) => each.show(name, flags.format === 'json')));
    });

  add('events', 'events of a run, as NDJSON')
    .addArgument(run())
    .addOption(list('--event <event>', 'only these: crash, incident, metric, ... (repeatable)'))
    .addOption(list('--kind <kind>', 'only of this kind (repeatable)'))
    .addOption(
      list('--severity <severity>', 'only of this severity (repeatable)')
        .choices([...SEVERITIES])
        .argParser(severity),
    )
    .option('--test <id>', 'only of this test')
    .option('--incident <id>', 'only of this incident')
    .option('--fingerprint <text>', 'only this failure')
    .option('--since <time>', 'only from this time on (ISO 8601)', time)
    .option('--until <time>', 'only before this time', time)
    .option('--limit <n>', 'at most so many', positive)
    .action(async (name: string, { limit, store, ...filter }: Where & { readonly limit?: number }) => {
      await use({ ...(store !== undefined && { store }) }, async (each) => {
        for await (const line of each.events(name, filter, limit)) print(line);
      });
    });

  add('metrics', 'numbers that were measured in a run: text has a row for each series, json each number')
    .addArgument(run())
    .option('--kind <kind>', 'only of this kind, such as resource or latency')
    .option('--name <name>', 'only of this metric')
    .option('--label <label>', 'only what stands there in its values, such as read.p99')
    .addOption(format())
    .action(async (name: string, flags: Shown & MetricFilter) => {
      const { store: _, format: as, kind, name: metric, label } = flags;
      const filter = {
        ...(kind !== undefined && { kind }),
        ...(metric !== undefined && { name: metric }),
        ...(label !== undefined && { label }),
      };
      await use(flags, async (each) => {
        const samples = each.metrics(name, filter);
        if (as === 'json') for await (const sample of samples) print(JSON.stringify(sample));
        else {
          const text = await (await import('../run/store-metrics.ts')).metricsText(samples);
          if (text !== '') print(text);
        }
      });
    });

  defineHistory(add);

  add('export', 'runs as NDJSON, which "runs import" reads back without a loss')
    .argument('[runs...]', 'which; all when none is named')
    .option('-o, --output <file>', 'to this file instead of standard output')
    .action(async (names: readonly string[], flags: Where & { readonly output?: string }) => {
      await use(flags, (each) => write(each.export(names), flags.output));
    });

  add('import', 'brings in what was recorded: captures, folders of runs of tests, exports')
    .argument('<paths...>', 'folder of a recording, of a run of tests, of several of them, or a file of NDJSON')
    .action(async (paths: readonly string[], flags: Where) => {
      await use(
        flags,
        async (each) => {
          for (const path of paths) {
            const { runs: found, events, added } = await each.import(path, warn);
            say(`${path}: ${found.length} runs and recordings, ${events} events, ${added} of them new`);
          }
        },
        true,
      );
    });

  add('prune', 'removes old runs; never one that is kept or under way')
    .option('--older-than <age>', 'those that began longer ago, such as 12h, 30d or 8w', age)
    .option('--keep-last <n>', 'all but so many of the last', positive)
    .option('--max-size <size>', 'the oldest, until the events of the rest take no more, such as 2G', bytes)
    .option('--dry-run', 'tells which, and removes nothing')
    .action(async (flags: Where & { olderThan?: number; keepLast?: number; maxSize?: number; dryRun?: boolean }) => {
      const { olderThan, keepLast, maxSize, dryRun = false } = flags;
      if (olderThan === undefined && keepLast === undefined && maxSize === undefined)
        throw new ExpectedError('usage', 'what is to go?', 'give --older-than, --keep-last or --max-size');
      const limits = {
        ...(olderThan !== undefined && { before: new Date(Date.now() - olderThan).toISOString() }),
        ...(keepLast !== undefined && { number: keepLast }),
        ...(maxSize !== undefined && { bytes: maxSize }),
      };
      const { text, count } = await use(flags, (each) => each.prune(limits, dryRun));
      if (text !== '') print(text);
      say(`${count === 1 ? '1 run' : `${count} runs`} ${dryRun ? 'would be' : count === 1 ? 'was' : 'were'} removed`);
    });

  add('keep', 'marks a run so that nothing removes it')
    .addArgument(run())
    .option('--undo', 'takes the mark back')
    .action(async (name: string, flags: Where & { readonly undo?: boolean }) => {
      const id = await use(flags, (each) => each.keep(name, flags.undo !== true));
      say(flags.undo ? `${id} is not kept any more` : `${id} is kept`);
    });

  add('rm', 'removes a run with all that belongs to it')
    .addArgument(run())
    .action(async (name: string, flags: Where) => {
      say(`${await use(flags, (each) => each.remove(name))} was removed`);
    });

  add('check', 'looks whether the store is whole; exit 1 when it is not')
    .option(
      '--repair',
      'mends it; what cannot be mended is copied as far as it can be read, and the damaged file put aside',
    )
    .action(async (flags: Where & { readonly repair?: boolean }) => {
      const { checkStore } = await import('../run/store-check.ts');
      const { problems, done, right } = await checkStore(flags.store, flags.repair === true);
      for (const text of problems) print(toJson(text).slice(1, -1));
      for (const text of done) say(text);
      if (problems.length === 0) say('the store is whole');
      process.exitCode = right ? EXIT.ok : EXIT.findings;
    });
}

async function use<T>(
  { store }: Where,
  work: (runs: import('../run/store-runs.ts').Runs) => Promise<T>,
  make = false,
): Promise<T> {
  const { Runs } = await import('../run/store-runs.ts');
  return Runs.use(store, make, work);
}

async function write(lines: AsyncIterable<string>, path: string | undefined): Promise<void> {
  if (path === undefined) {
    for await (const line of lines) print(line);
    return;
  }
  let file: AtomicFile | undefined;
  try {
    file = new AtomicFile(path);
    for await (const line of lines) file.write(`${line}\n`);
    file.commit();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).syscall === undefined) throw error;
    throw new ExpectedError('usage', `${path} cannot be written: ${messageOf(error)}`, 'name another file');
  } finally {
    file?.discard();
  }
}

function list(flags: string, about: string): Option {
  return new Option(flags, about).argParser(collect);
}

function severity(value: string, before: readonly string[] | undefined): readonly string[] {
  if (!(SEVERITIES as readonly string[]).includes(value))
    throw new InvalidArgumentError(`there are ${SEVERITIES.join(', ')}.`);
  return collect(value, before);
}

function time(value: string): string {
  const at = Date.parse(value);
  if (Number.isNaN(at)) throw new InvalidArgumentError('write a time such as 2026-01-02 or 2026-01-02T03:04:05Z.');
  return new Date(at).toISOString();
}

const AGES: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };

function age(value: string): number {
  const match = /^(\d{1,6})([mhdw])$/.exec(value);
  if (match === null) throw new InvalidArgumentError('write a number with m, h, d or w, such as 30d.');
  return Number(match[1]) * (AGES[match[2] ?? 'd'] ?? 0);
}

function bytes(value: string): number {
  const read = readValue({ type: 'bytes' }, value);
  if ('problem' in read) throw new InvalidArgumentError(read.problem);
  return read.value as number;
}
