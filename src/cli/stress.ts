import { existsSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Argument, type Command, Option } from 'commander';
import { EXIT, ExpectedError } from '../base/errors.ts';
import { didYouMean, formatMs } from '../base/text.ts';
import type { Event } from '../model/event.ts';
import type { RunReport } from '../model/run-report.ts';
import { DOMAINS, type Domain } from '../model/test-run.ts';
import { RUN_FORMATS, type RunFormat } from '../sink/run-formats.ts';
import { runText } from '../sink/run-text.ts';
import { collect, duration, OPTIONS, positive } from './options.ts';
import { createPrinter, print, say, wantsColor } from './output.ts';
import { type RunOutput, runOutput } from './run-outputs.ts';
import { createInterrupt } from './signals.ts';
import { StatusLine } from './status-line.ts';

interface Flags {
  readonly level?: readonly Level[];
  readonly domain: readonly Domain[];
  readonly test: readonly string[];
  readonly duration: number;
  readonly faults: number | 'all' | readonly string[];
  readonly seed?: number;
  readonly seconds?: number;
  readonly workers?: number;
  readonly cycles?: number;
  readonly guests: number;
  readonly retries: number;
  readonly failFast?: boolean;
  readonly resume?: string;
  readonly folder?: string;
  readonly list?: boolean;
  readonly dryRun?: boolean;
  readonly format: RunFormat | 'ndjson';
  readonly output: readonly RunOutput[];
  readonly kernel: string;
  readonly cpus: number;
  readonly memory?: number;
  readonly accel?: 'kvm' | 'tcg';
  readonly module?: string;
  readonly target?: string;
  readonly fstype?: string;
  readonly params?: string;
  readonly disk?: string;
  readonly diskSize?: string;
  readonly mkfs?: string;
  readonly patterns: readonly string[];
  readonly probes?: boolean;
  readonly trace: boolean;
  readonly races?: boolean;
}

type Level = 1 | 2 | 3;

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
  vexfs-trace stress --module my.ko --fstype my --disk-size 64M --mkfs ./mkfs.my
  vexfs-trace stress --level 2 --target /mnt/fuse       the checks that need no guest, in a folder of this machine
${VERDICT_HELP}`,
    )
    .action(async (flags: Flags, command: Command) => {
      process.exitCode = await runStress(flags, wordsOf(command));
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
} as const satisfies Readonly<Record<string, { about: string; flags: Partial<Flags> }>>;

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
    .action(async (mode: keyof typeof MODES, flags: Flags, command: Command) => {
      // What is said in words of one's own counts more than the mode.
      const said = Object.fromEntries(
        Object.entries(flags).filter(([name]) => command.getOptionValueSource(name) !== 'default'),
      );
      process.exitCode = await runStress({ ...flags, ...MODES[mode].flags, ...said }, wordsOf(command));
    });
}

const VERDICT_HELP = `
Verdicts: PASS, FAIL (culprit code or tool), ERROR (not carried through), MISS (a detector was not armed), SKIP, DONE.
Exit codes: 0 all right, 1 a test failed, 4 nothing ran, 5 tests could not be carried through`;

/** What was typed behind the name of the program. */
function wordsOf(command: Command): string[] {
  return [command.name(), ...(command.parent?.args.slice(1) ?? [])];
}

function withRunOptions(command: Command): Command {
  return command
    .option('--level <1|2|3>', 'basic, thorough or endurance (repeatable; default 1)', levels)
    .option('--domain <name>', `only tests of a domain: ${DOMAINS.join(', ')} (repeatable)`, domains, [])
    .option('--test <name>', 'only this test (repeatable); with no --level, it alone', collect, [])
    .option('--duration <time>', 'how long level 3 lasts', duration, 15 * 60_000)
    .option(
      '--faults <n|all|name,...>',
      'faults that level 3 puts in: drawn by the seed, all three times, or these',
      faults,
      5,
    )
    .option('--seed <n>', 'repeats the choices of an earlier run', seed)
    .option('--seconds <n>', 'how long each test works, whatever its level says', positive)
    .option('--workers <n>', 'workers of each test', positive)
    .option('--cycles <n>', 'repetitions of each test that counts them', positive)
    .option('--guests <n>', 'guests side by side', positive, 1)
    .option('--retries <n>', 'how often a test is tried again that could not be carried through', count, 2)
    .option('--fail-fast', 'the first test that fails is the last')
    .option('--resume <folder>', 'go on with a run that was ended')
    .option('--folder <folder>', 'where the run is kept (default: runs/ and the time)')
    .option('--list', 'the tests there are, and what each needs')
    .option('--dry-run', 'the plan, without a guest')
    .addOption(
      new Option('--format <format>', 'what is written to standard output')
        .choices([...Object.keys(RUN_FORMATS), 'ndjson'])
        .default('text'),
    )
    .option('-o, --output <format=path>', 'write the results there as well (repeatable)', collectOutputs, [])
    .addOption(OPTIONS.kernel())
    .addOption(OPTIONS.cpus())
    .addOption(OPTIONS.memory())
    .addOption(OPTIONS.accel())
    .option('--module <file>', 'a module of yours instead of the built-in one')
    .option('--target <folder>', 'no guest: a folder of this machine, on any mounted filesystem')
    .option('--fstype <name>', 'its filesystem type (default: its name)')
    .option('--params <text>', 'its parameters')
    .option('--disk <image>', 'mount from a copy of this image')
    .option('--disk-size <size>', 'mount from a new disk, such as 64M')
    .option('--mkfs <program>', 'what formats it')
    .addOption(OPTIONS.patterns())
    .option('--probes', 'with eBPF probes; attaching them anew takes a while whenever a test has unloaded the module')
    .option('--no-trace', 'without ftrace, so without a flight recorder')
    .option('--races', 'trace every access, and look for races');
}

async function runStress(flags: Flags, command: readonly string[]): Promise<number> {
  if (flags.list) return listTests();
  const { beginRun, leftOf, planOf, resumeRun, stress } = await import('../run/stress.ts');
  if (flags.dryRun) return showPlan(planOf(await askedOf(flags)));
  const run =
    flags.resume === undefined
      ? beginRun(flags.folder ?? join('runs', stamp()), await askedOf(flags), command)
      : resumeRun(flags.resume);
  const left = leftOf(run).length;
  const planned = run.plan.tests.length;
  say(
    `${left} of ${planned} tests, about ${formatMs(run.plan.estimateMs * (left / planned))}; seed ${run.asked.seed}; kept in ${run.folder}`,
  );
  const interrupt = createInterrupt();
  const status = new StatusLine(flags.format);
  const started = performance.now();
  let done = planned - left;
  let events = 0;
  status.start(() => {
    const spent = performance.now() - started;
    const ahead = done > planned - left ? (spent / (done - planned + left)) * (planned - done) : run.plan.estimateMs;
    return {
      ...{ uptimeMs: spent, events, lines: 0, lost: 0 },
      state: `${done} of ${planned} tests, about ${formatMs(ahead)} left`,
    };
  });
  const printer = createPrinter(flags.format === 'ndjson' ? 'ndjson' : 'text');
  const isShown = flags.format === 'ndjson' ? () => true : flags.format === 'text' ? isForPeople : () => false;
  let report: RunReport;
  try {
    report = await stress(run, {
      onEvent: (event) => {
        events += 1;
        if (isShown(event)) status.around(() => printer(event));
      },
      onVerdict: (_, so) => {
        done = so;
      },
      progress: (text) => status.around(() => say(text)),
      warn: (text) => status.around(() => say(`warning: ${text}`)),
      signal: interrupt.signal,
    });
  } finally {
    status.stop();
    interrupt.dispose();
  }
  const files = [
    { format: 'json', path: join(run.folder, 'summary.json') },
    { format: 'markdown', path: join(run.folder, 'summary.md') },
    ...flags.output,
  ] as const;
  for (const { format, path } of files) writeFileSync(path, RUN_FORMATS[format](report));
  if (flags.format === 'text') print(`\n${runText(report, wantsColor(process.stdout))}`);
  else if (flags.format !== 'ndjson') print(RUN_FORMATS[flags.format](report));
  const interrupted = interrupt.exitCode();
  if (interrupted !== undefined) {
    say(`interrupted; go on with: vexfs-trace stress --resume ${run.folder}`);
    return interrupted;
  }
  say(`kept in ${run.folder}: summary.md, summary.json, journal.ndjson, and a recording of each guest`);
  return exitCodeOf(report);
}

function exitCodeOf({ counts, strays }: RunReport): number {
  if (counts.FAIL > 0 || strays.length > 0) return EXIT.findings;
  if (counts.ERROR > 0) return EXIT.guest;
  return counts.PASS + counts.DONE + counts.MISS === 0 ? EXIT.nothingRan : EXIT.ok;
}

/** What a person wants to see go by. */
function isForPeople({ event, kind }: Event): boolean {
  if (event === 'guest') return kind === 'hang' || kind === 'exit' || kind === 'fault';
  return event !== 'metric' && event !== 'trace';
}

async function askedOf(flags: Flags) {
  const { testsThere } = await import('../run/stress.ts');
  const names = testsThere().map((test) => test.name);
  for (const name of flags.test) {
    if (names.includes(name)) continue;
    const near = didYouMean(name, names);
    throw new ExpectedError(
      'usage',
      `there is no test "${name}"${near === undefined ? '' : `, did you mean "${near}"?`}`,
      'see: vexfs-trace stress --list',
    );
  }
  const { kernel, cpus, memory, accel, module, fstype, params, disk, diskSize, mkfs } = flags;
  const { seconds, workers, cycles } = flags;
  const scratch = { ...(disk && { disk }), ...(diskSize && { diskSize }), ...(mkfs && { mkfs }) };
  return {
    levels: [...(flags.level ?? (flags.test.length > 0 ? [] : [1 as const]))],
    domains: [...flags.domain],
    tests: [...flags.test],
    durationMs: flags.duration,
    faults: typeof flags.faults === 'object' ? [...flags.faults] : flags.faults,
    seed: flags.seed ?? Math.floor(Math.random() * 2 ** 31),
    settings: { ...(seconds && { seconds }), ...(workers && { workers }), ...(cycles && { cycles }) },
    thresholds: {},
    ...{ guests: flags.guests, retries: flags.retries, failFast: flags.failFast ?? false },
    ...(flags.target !== undefined && { target: resolve(flags.target) }),
    attach: {
      ...{ kernel, cpus },
      ...(memory !== undefined && { memoryMiB: memory }),
      ...(accel !== undefined && { accelerator: accel }),
      ...(module !== undefined && { modulePath: module }),
      ...(fstype !== undefined && { fstype }),
      ...(params !== undefined && { params }),
      ...((disk ?? diskSize) !== undefined && { scratch }),
      ...{
        patterns: [...flags.patterns],
        probes: flags.probes ?? false,
        trace: flags.trace,
        races: flags.races ?? false,
      },
    },
  };
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

function levels(value: string, before: readonly Level[] | undefined): readonly Level[] {
  const level = Number(value);
  if (level !== 1 && level !== 2 && level !== 3)
    throw new ExpectedError('usage', `there is no level "${value}"`, 'levels are 1, 2 and 3');
  return [...(before ?? []), level];
}

function domains(value: string, before: readonly Domain[]): readonly Domain[] {
  const domain = DOMAINS.find((each) => each === value);
  if (domain !== undefined) return [...before, domain];
  const near = didYouMean(value, DOMAINS);
  throw new ExpectedError(
    'usage',
    `there is no domain "${value}"${near === undefined ? '' : `, did you mean "${near}"?`}`,
    `domains are ${DOMAINS.join(', ')}`,
  );
}

function faults(value: string): number | 'all' | readonly string[] {
  if (value === 'all') return 'all';
  return /^\d+$/.test(value) ? Number(value) : value.split(',').map((name) => name.trim());
}

function seed(value: string): number {
  return count(value);
}

function count(value: string): number {
  const number = Number(value);
  if (!Number.isInteger(number) || number < 0) throw new ExpectedError('usage', `"${value}" is no number from 0 up`);
  return number;
}

function collectOutputs(value: string, before: readonly RunOutput[]): RunOutput[] {
  return [...before, runOutput(value)];
}

/** A folder name that sorts by time; a second run of the same second waits for its own. */
function stamp(): string {
  for (;;) {
    const name = new Date().toISOString().replace(/[-:Z]/g, '').replace(/[T.]/g, '-');
    if (!existsSync(join('runs', name))) return name;
  }
}
