import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Argument, type Command } from 'commander';
import { EXIT } from '../base/errors.ts';
import { formatMs } from '../base/text.ts';
import type { Effective } from '../config/effective.ts';
import type { RunReport } from '../model/run-report.ts';
import { RUN_FORMATS } from '../sink/run-formats.ts';
import { runText } from '../sink/run-text.ts';
import { openBaseline } from './compare-baseline.ts';
import { effectiveOptions } from './configured.ts';
import { print, say, wantsColor } from './output.ts';
import { RunHooks } from './run-hooks.ts';
import { RunView } from './run-view.ts';
import { askedOf } from './stress-asked.ts';
import { type RunFlags, withRunOptions } from './stress-options.ts';
import { openAsked, watchFlagsOf } from './watch-options.ts';

export function defineStress(program: Command): void {
  withRunOptions(
    program.command('stress').description('test a module in guests, at three levels, with recovery and resume'),
  )
    .addHelpText(
      'after',
      `
Examples:
  vexfs-trace stress                                    level 1: under 5 minutes, good before a commit
  vexfs-trace stress --level 2 --domain vector          one domain of level 2
  vexfs-trace stress --level 3 --duration 1h --seed 7   an hour, with five faults that the seed draws
  vexfs-trace stress --level 3 --faults all             every class of faults, three times each
  vexfs-trace stress --test threads --seconds 60        one test, for a minute
  vexfs-trace stress --resume runs/20261121-200000      goes on where a run was ended
  vexfs-trace stress --rerun runs/20261121-200000       what has not passed there, with the same seeds
  vexfs-trace stress --module my.ko --fstype my --disk-size 64M --mkfs ./mkfs.my
  vexfs-trace stress --level 2 --target /mnt/fuse       the checks that need no guest, in a folder of this machine
${VERDICT_HELP}`,
    )
    .action(async (flags: RunFlags, command: Command) => {
      process.exitCode = await runStress(flags, await effectiveOptions(command), wordsOf(command));
    });
}

/** What people ask for by one word. */
const MODES = {
  quick: { about: 'level 1, under 5 minutes', flags: { level: [1] } },
  full: { about: 'levels 1 and 2, under 35 minutes', flags: { level: [1, 2] } },
  benchmark: {
    about: 'how fast operations and mounts are, a minute each',
    flags: { test: ['speed', 'mount-cycles'], seconds: 60 },
  },
  regression: {
    about: 'level 2 with a seed that is always the same, to compare with an earlier run',
    flags: { level: [2], seed: 1 },
  },
} as const satisfies Readonly<Record<string, { about: string; flags: Partial<RunFlags> }>>;

export function defineRun(program: Command): void {
  const modes = Object.entries(MODES).map(([name, { about }]) => `  ${name.padEnd(11)} ${about}`);
  withRunOptions(
    program
      .command('run')
      .description('the same by one word: quick, full, benchmark or regression')
      .addArgument(new Argument('[mode]', 'what to run').choices(Object.keys(MODES)).default('quick')),
  )
    .addHelpText(
      'after',
      `
Modes:
${modes.join('\n')}

Examples:
  vexfs-trace run                          before a commit
  vexfs-trace run full --guests 2          an hour of work in half the time, where there are CPUs for two
  vexfs-trace run regression -o junit=results.xml
${VERDICT_HELP}`,
    )
    .action(async (mode: keyof typeof MODES, flags: RunFlags, command: Command) => {
      // What is said in words of one's own counts more than the mode.
      const said = Object.fromEntries(
        Object.entries(flags).filter(([name]) => command.getOptionValueSource(name) !== 'default'),
      );
      const merged = { ...flags, ...MODES[mode].flags, ...said };
      process.exitCode = await runStress(merged, await effectiveOptions(command), wordsOf(command));
    });
}

const VERDICT_HELP = `
Verdicts: PASS, FAIL (culprit code or tool), ERROR (not carried through), MISS (a detector was not armed), SKIP, DONE.
Exit codes: 0 all right, 1 a test failed, 4 nothing ran, 5 tests could not be carried through, or MISS`;

/** What was typed behind the name of the program. */
function wordsOf(command: Command): string[] {
  return [command.name(), ...(command.parent?.args.slice(1) ?? [])];
}

async function runStress(flags: RunFlags, options: Effective, command: readonly string[]): Promise<number> {
  if (flags.list) return listTests();
  const { beginRun, leftOf, planOf, resumeRun, stress } = await import('../run/stress.ts');
  const { statisticsFile } = await import('../run/recovery-statistics.ts');
  if (flags.dryRun) return showPlan(planOf(await askedOf(flags, options)));
  // A baseline that is not there is said before the run, not after it.
  const baseline = flags.baseline === undefined ? undefined : await openBaseline(flags.baseline);
  const run =
    flags.resume === undefined
      ? await beginRun(flags.folder ?? join('runs', stamp()), await askedOf(flags, options), command)
      : await resumeRun(flags.resume);
  const planned = run.plan.tests.length;
  const view = new RunView(flags.format, { planned, left: leftOf(run).length, estimateMs: run.plan.estimateMs });
  const hooks = new RunHooks(options, run.folder, view.signal, view.warn);
  const { openLiveStore } = await import('../run/store-live.ts');
  const { run: id, started } = run.header;
  const store = await openLiveStore(
    flags.store === false ? false : options.get('store'),
    { kind: 'stress', command, folder: run.folder, id, started },
    view.warn,
  );
  const watcher = await openAsked(watchFlagsOf(options), { command, folder: run.folder }, view);
  let report: RunReport;
  try {
    view.begin(`seed ${run.asked.seed}; kept in ${run.folder}`);
    await hooks.run('before-run', {});
    report = await stress(run, {
      statistics: statisticsFile(),
      beforeTest: ({ id }) => hooks.run('before-test', { test: id }),
      afterTest: ({ id, verdict, reason }) => hooks.run('after-test', { test: id, verdict, reason }),
      onEntry: (entry) => store.attempt(entry),
      onEvent: (event, guest) => {
        store.event(event, guest);
        watcher.event(event, guest);
        hooks.event(event);
        view.event(event);
      },
      onVerdict: (_, done) => view.verdict(done),
      progress: view.progress,
      warn: view.warn,
      signal: view.signal,
    });
    store.summary(report);
    await hooks.run('after-run', { passed: String(report.counts.PASS), failed: String(report.counts.FAIL) });
  } finally {
    await store.close();
    await watcher.close();
    view.end();
  }
  const files = [
    { format: 'json', path: join(run.folder, 'summary.json') },
    { format: 'markdown', path: join(run.folder, 'summary.md') },
    ...flags.output,
  ] as const;
  for (const { format, path } of files) writeFileSync(path, RUN_FORMATS[format](report));
  if (flags.format === 'text') print(`\n${runText(report, wantsColor(process.stdout))}`);
  else if (flags.format !== 'ndjson') print(RUN_FORMATS[flags.format](report));
  if (view.interrupted !== undefined) {
    say(`interrupted; go on with: vexfs-trace stress --resume ${run.folder}`);
    return view.interrupted;
  }
  say(`kept in ${run.folder}: summary.md, summary.json, journal.ndjson, and a recording of each guest`);
  const code = exitCodeOf(report);
  if (baseline === undefined) return code;
  const regressed = baseline(report, run.folder, flags);
  return code === EXIT.ok ? regressed : code;
}

function exitCodeOf({ counts, strays }: RunReport): number {
  if (counts.FAIL > 0 || strays.length > 0) return EXIT.findings;
  if (counts.ERROR + counts.MISS > 0) return EXIT.guest;
  return counts.PASS + counts.DONE === 0 ? EXIT.nothingRan : EXIT.ok;
}

async function listTests(): Promise<number> {
  const { testsThere } = await import('../run/stress.ts');
  const tests = testsThere();
  const width = Math.max(...tests.map(({ name }) => name.length));
  for (const { name, domain, about, needs } of tests) {
    const needed = needs.filter((need) => need !== 'module');
    print(
      `${name.padEnd(width)}  ${domain.padEnd(11)}  ${about}${needed.length === 0 ? '' : ` (needs ${needed.join(', ')})`}`,
    );
  }
  return EXIT.ok;
}

function showPlan({
  tests,
  estimateMs,
}: {
  readonly tests: readonly { readonly id: string; readonly test: { readonly about: string } }[];
  readonly estimateMs: number;
}): number {
  const width = Math.max(...tests.map(({ id }) => id.length));
  for (const { id, test } of tests) print(`${id.padEnd(width)}  ${test.about}`);
  say(`${tests.length} tests, about ${formatMs(estimateMs)}`);
  return EXIT.ok;
}

/** A folder name that sorts by time; a second run of the same second waits for its own. */
function stamp(): string {
  for (;;) {
    const name = new Date().toISOString().replace(/[-:Z]/g, '').replace(/[T.]/g, '-');
    if (!existsSync(join('runs', name))) return name;
  }
}
