import { type Command, Option } from 'commander';
import { EXIT, ExpectedError } from '../base/errors.ts';
import type { Gate } from '../run/compare-runs.ts';
import { parityMarkdown } from '../sink/comparison-markdown.ts';
import { parityText } from '../sink/comparison-text.ts';
import { asJson, COMPARE_FORMATS, type CompareFormat, exitCodeOf, WRITE } from './compare-output.ts';
import { gateOption } from './gate-option.ts';
import { collect, positive } from './options.ts';
import { print, say } from './output.ts';
import { createInterrupt } from './signals.ts';

interface CompareFlags {
  readonly format: CompareFormat;
  readonly failOnRegression?: Gate;
  readonly metric: readonly string[];
  readonly parity?: boolean;
  readonly acrossMachines?: boolean;
}

export function defineCompare(program: Command): void {
  withCompareOptions(
    program
      .command('compare')
      .description('set runs beside a baseline: what is slower, what is new, what has changed')
      .argument('<baseline>', 'folder of a run, a folder of several, a summary.json, or a name of "baseline list"')
      .argument('<runs...>', 'what to compare with it'),
  )
    .option('--parity', 'is the second as good as the first? Results, speed and memory side by side')
    .addHelpText(
      'after',
      `
Examples:
  vexfs-trace compare runs/before runs/after
  vexfs-trace compare v1.4 runs/after --metric 'speed/*' --fail-on-regression 'p<0.01,delta>5%'
  vexfs-trace compare --parity runs/kernel-module runs/fuse
${GATE_HELP}`,
    )
    .action(async (baseline: string, runs: readonly string[], flags: CompareFlags) => {
      process.exitCode = await compare(baseline, runs, flags);
    });
}

const GATE_HELP = `
Rules: p (corrected for the number of rows), delta (how much worse), low (how much worse at the least), n (values a side);
  conditions are separated by ",", rules by ";", and a rule may name its metrics: 'speed/*: p<0.01,delta>5%'
Exit codes: 0 nothing that a rule names, 1 a regression, 2 runs that cannot be compared, 4 nothing to judge`;

function withCompareOptions(command: Command): Command {
  return command
    .addOption(new Option('--format <format>', 'what is written').choices([...COMPARE_FORMATS]).default('text'))
    .addOption(gateOption())
    .addOption(
      new Option('--metric <name>', 'only this metric; * is any text (repeatable)')
        .argParser(collect)
        .default([], 'all'),
    )
    .option('--across-machines', 'judge by rules although the machines differ');
}

async function compare(first: string, others: readonly string[], flags: CompareFlags): Promise<number> {
  const { compareRuns, parityOfRuns, readSide } = await import('../run/compare-runs.ts');
  const baseline = readSide(first);
  const sides = others.map(readSide);
  const asked = {
    metrics: flags.metric,
    acrossMachines: flags.acrossMachines ?? false,
    ...(flags.failOnRegression !== undefined && { gate: flags.failOnRegression }),
  };
  if (flags.parity) {
    const [side, more] = sides;
    if (side === undefined || more !== undefined) throw new ExpectedError('usage', '--parity takes two runs');
    const parity = parityOfRuns(baseline, side, asked);
    print({ text: parityText, json: asJson, markdown: parityMarkdown }[flags.format](parity));
    return EXIT.ok;
  }
  const comparison = compareRuns(baseline, sides, asked);
  print(WRITE[flags.format](comparison));
  return exitCodeOf(comparison);
}

interface AbFlags extends CompareFlags {
  readonly a: string;
  readonly b: string;
  readonly rounds: number;
  readonly folder: string;
}

export function defineAb(program: Command): void {
  withCompareOptions(
    program
      .command('ab')
      .description('run two configurations by turns, so that drift meets both, and compare them')
      .argument('[options...]', 'options of "stress" that both have, behind --')
      .requiredOption('--folder <folder>', 'where the runs are kept: a/ and b/ in it')
      .option('--a <options>', 'options of "stress" of the first, separated by spaces', '')
      .option('--b <options>', 'options of the second', '')
      .option('--rounds <n>', 'runs of each', positive, 10),
  )
    .addHelpText(
      'after',
      `
Example:
  vexfs-trace ab --folder ab --a '--module old.ko' --b '--module new.ko' -- --test speed --seconds 5 --fstype my
${GATE_HELP}`,
    )
    .action(async (common: readonly string[], flags: AbFlags) => {
      process.exitCode = await ab(common, flags);
    });
}

async function ab(common: readonly string[], flags: AbFlags): Promise<number> {
  const { runByTurns } = await import('../run/by-turns.ts');
  const interrupt = createInterrupt();
  try {
    const { a, b } = await runByTurns({
      program: [process.execPath, process.argv[1] ?? ''],
      sides: { a: [...common, ...words(flags.a)], b: [...common, ...words(flags.b)] },
      ...{ rounds: flags.rounds, folder: flags.folder, signal: interrupt.signal, progress: say },
    });
    const code = interrupt.exitCode();
    return code ?? (await compare(a, [b], flags));
  } finally {
    interrupt.dispose();
  }
}

function words(text: string): string[] {
  return text.split(/\s+/).filter((word) => word !== '');
}
