import { type Command, Option } from 'commander';
import type { FailureHistory, Trend } from '../model/trend.ts';
import { collect, positive } from './options.ts';
import { print } from './output.ts';

interface Flags {
  readonly store?: string;
  readonly days: number;
  readonly format: 'text' | 'json' | 'markdown';
}

const DAY_MS = 86_400_000;

/** `runs trend` and `runs failures`: what many runs say together. `add` makes a command of `runs`. */
export function defineHistory(add: (name: string, about: string) => Command): void {
  withHistoryOptions(add('trend', 'how metrics went over the runs of tests that the store has, and where they changed'))
    .addOption(
      new Option('--metric <name>', 'only this metric; * is any text (repeatable)')
        .argParser(collect)
        .default([], 'all'),
    )
    .addHelpText('after', TREND_HELP)
    .action(async (flags: Flags & { readonly metric: readonly string[] }) => {
      const { trendMarkdown } = await import('../sink/trend-markdown.ts');
      const { trendText } = await import('../sink/trend-text.ts');
      const trend = await use(flags, (runs, since) => runs.trend(since, flags.metric));
      print({ text: trendText, markdown: trendMarkdown, json: json<Trend> }[flags.format](trend));
    });

  withHistoryOptions(add('failures', 'failures over all runs: new, known, gone, flaky; when they came and went'))
    .option('--planted', 'those that were put in on purpose, too')
    .addHelpText('after', FAILURES_HELP)
    .action(async (flags: Flags & { readonly planted?: boolean }) => {
      const { failuresMarkdown } = await import('../sink/trend-markdown.ts');
      const { failuresText } = await import('../sink/trend-text.ts');
      const failures = await use(flags, (runs, since) => runs.failures(since, flags.planted === true));
      const write = { text: failuresText, markdown: failuresMarkdown, json: json<readonly FailureHistory[]> };
      print(write[flags.format](failures));
    });
}

const TREND_HELP = `
A day: by how much it grows, of the median (Theil and Sen); p: whether it grows at all (Mann and Kendall, corrected over all rows).
Runs of other machines than that of the last run are left out.

Examples:
  vexfs-trace runs trend --days 7 --metric 'speed/*/p50'
  vexfs-trace runs trend --format markdown > trend.md`;

const FAILURES_HELP = `
By time: x had it, · could have had it. Only runs with a test in which it ever came are counted.
new: the last run is the first with it; known: others had it, too; gone: three runs could have had it since; rare: neither.

Examples:
  vexfs-trace runs failures --days 7
  vexfs-trace runs failures --format json`;

function withHistoryOptions(command: Command): Command {
  return command
    .option('--days <n>', 'so many days back', positive, 30)
    .addOption(
      new Option('--format <format>', 'what is written').choices(['text', 'json', 'markdown']).default('text'),
    );
}

async function use<T>(
  { store, days }: Flags,
  work: (runs: import('../run/store-runs.ts').Runs, since: string) => Promise<T>,
): Promise<T> {
  const { Runs } = await import('../run/store-runs.ts');
  return Runs.use(store, false, (runs) => work(runs, new Date(Date.now() - days * DAY_MS).toISOString()));
}

function json<T>(value: T): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
