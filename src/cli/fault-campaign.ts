import { join } from 'node:path';
import { type Command, Option } from 'commander';
import { EXIT } from '../base/errors.ts';
import { toNdjson } from '../base/ndjson.ts';
import { escapeTerminal } from '../base/text.ts';
import { positive } from './options.ts';
import { print, say } from './output.ts';
import { createInterrupt } from './signals.ts';

interface Flags {
  readonly kernel: string;
  readonly points?: string;
  readonly ops?: string;
  readonly seed: number;
  readonly maxNth: number;
  readonly folder?: string;
  readonly resume?: string;
  readonly format: 'text' | 'json';
}

export function defineCampaign(fault: Command): void {
  fault
    .command('campaign')
    .description('have every call fail that an operation makes, one after the other, and say what came of it')
    .addOption(new Option('--kernel <name|path>', 'one with fault injection').default('stock'))
    .option(
      '--points <name,...>',
      'fail-nth (all points), failslab, fail-page-alloc, fail-usercopy (default: fail-nth)',
    )
    .option('--ops <name,...>', 'operations (default: all)')
    .addOption(new Option('--seed <n>', 'order of the operations; 0: as they are listed').argParser(Number).default(0))
    .addOption(new Option('--max-nth <n>', 'calls of an operation at most').argParser(positive).default(100))
    .option('--folder <folder>', 'where the journal and the recordings go (default: captures/campaign-RUN)')
    .addOption(
      new Option('--resume <folder>', 'go on with the campaign whose journal is there').conflicts([
        'points',
        'ops',
        'folder',
      ]),
    )
    .addOption(new Option('--format <format>', 'how the table is written').choices(['text', 'json']).default('text'))
    .addHelpText(
      'after',
      `
Examples:
  vexfs-trace fault campaign --kernel ../kernels/6.1-kasan
  vexfs-trace fault campaign --kernel ../kernels/6.1-kasan --points failslab --ops create,write --seed 7`,
    )
    .action(async (flags: Flags) => {
      process.exitCode = await runCommand(flags);
    });
}

async function runCommand(flags: Flags): Promise<number> {
  const { runCampaign } = await import('../run/campaign.ts');
  const { campaignRows, campaignText, isBad } = await import('../run/campaign-table.ts');
  const { OPERATIONS } = await import('../run/campaign-operations.ts');
  const interrupt = createInterrupt();
  const names = (list: string | undefined, all: readonly string[]) =>
    list?.split(',').map((name) => name.trim()) ?? all;
  const plan = {
    kernel: flags.kernel,
    points: names(flags.points, ['fail-nth']),
    ops: names(flags.ops, OPERATIONS),
    seed: flags.seed,
    maxNth: flags.maxNth,
  };
  const folder = flags.folder ?? join('captures', `campaign-${new Date().toISOString().replace(/[-:.TZ]/g, '')}`);
  const start = flags.resume === undefined ? { folder, plan } : { resume: flags.resume };
  try {
    const done = await runCampaign(start, {
      onEvent: () => {},
      onEntry: ({ point, op, nth, outcome, hit, inModule, errno, detail }) => {
        const whose = hit === undefined ? '' : ` ${hit}${inModule ? ' in the module' : ''}`;
        say(escapeTerminal(`${point} ${op} ${nth}: ${outcome}${whose} ${errno ?? ''} ${detail ?? ''}`.trimEnd()));
      },
      progress: say,
      warn: (text) => say(`warning: ${text}`),
      signal: interrupt.signal,
    });
    const rows = campaignRows(done.plan, done.entries);
    if (flags.format === 'json') print(toNdjson({ plan: done.plan, rows, entries: done.entries }));
    else print(campaignText(done.plan, done.entries).split('\n').map(escapeTerminal).join('\n'));
    say(`the journal is in ${flags.resume ?? folder}`);
    if (done.entries.some(isBad)) return EXIT.findings;
    return rows.every(({ skipped }) => skipped !== undefined) ? EXIT.nothingRan : (interrupt.exitCode() ?? EXIT.ok);
  } finally {
    interrupt.dispose();
  }
}
