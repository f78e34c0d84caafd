import { type Command, Option } from 'commander';
import { ExpectedError } from '../base/errors.ts';
import { didYouMean } from '../base/text.ts';
import { KEYS } from '../config/table.ts';
import { DOMAINS, type Domain } from '../model/test-run.ts';
import type { Gate } from '../run/compare-runs.ts';
import { RUN_FORMATS, type RunFormat } from '../sink/run-formats.ts';
import { addConfigured, collect } from './configured.ts';
import { DEFAULT_GATE, gateOption, parseGateOption } from './gate-option.ts';
import { duration, OPTIONS, positive } from './options.ts';
import { type RunOutput, runOutput } from './run-outputs.ts';

/** What `stress` and `run` are given beside what the configuration has as well. */
export interface RunFlags {
  readonly level?: readonly Level[];
  readonly domain: readonly Domain[];
  readonly test: readonly string[];
  readonly duration: number;
  readonly faults: number | 'all' | readonly string[];
  readonly seed?: number;
  readonly seconds?: number;
  readonly workers?: number;
  readonly cycles?: number;
  readonly repeat?: number;
  readonly baseline?: string;
  readonly failOnRegression: Gate;
  readonly metric: readonly string[];
  readonly guests: number;
  readonly retries: number;
  readonly failFast?: boolean;
  readonly resume?: string;
  readonly rerun?: string;
  readonly folder?: string;
  readonly list?: boolean;
  readonly dryRun?: boolean;
  readonly format: RunFormat | 'ndjson';
  readonly output: readonly RunOutput[];
  readonly target?: string;
  readonly probes?: boolean;
  readonly trace: boolean;
  readonly store?: string | boolean;
  readonly races?: boolean;
}

type Level = 1 | 2 | 3;

/** The options of `stress` and `run`. */
export function withRunOptions(command: Command): Command {
  command
    .option('--level <1|2|3>', 'basic, thorough or endurance (repeatable; default 1)', levels)
    .addOption(
      new Option('--domain <name>', `only tests of a domain: ${DOMAINS.join(', ')} (repeatable)`)
        .argParser(domains)
        .default([], 'all'),
    )
    .addOption(
      new Option('--test <name>', 'only this test (repeatable); with no --level, it alone')
        .argParser(collect)
        .default([], 'all of the level'),
    )
    .addOption(
      new Option('--duration <time>', 'how long level 3 lasts').argParser(duration).default(15 * 60_000, '15m'),
    )
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
    .option('--repeat <n>', 'all of it so often: each time is a value for comparisons', positive)
    .option('--baseline <run>', 'compare with an earlier run at the end: its folder, or a name that was saved')
    .addOption(
      new Option('--metric <name>', 'of the baseline only this metric; * is any text (repeatable)')
        .argParser(collect)
        .default([], 'all'),
    )
    .addOption(gateOption().default(parseGateOption(DEFAULT_GATE), DEFAULT_GATE))
    .option('--guests <n>', 'guests side by side', positive, 1)
    .option('--retries <n>', 'how often a test is tried again that could not be carried through', count, 2)
    .option('--fail-fast', 'the first test that fails is the last')
    .option('--resume <folder>', 'go on with a run that was ended')
    .option('--rerun <folder>', 'of that run the tests that have not passed, with the same seeds')
    .option('--folder <folder>', 'where the run is kept (default: runs/ and the time)')
    .option('--list', 'the tests there are, and what each needs')
    .option('--dry-run', 'the plan, without a guest')
    .addOption(
      new Option('--format <format>', 'what is written to standard output')
        .choices([...Object.keys(RUN_FORMATS), 'ndjson'])
        .default('text'),
    )
    .addOption(
      new Option('-o, --output <format=path>', 'write the results there as well (repeatable)')
        .argParser(collectOutputs)
        .default([], 'none'),
    )
    .option('--target <folder>', 'no guest: a folder of this machine, on any mounted filesystem')
    .option('--probes', 'with eBPF probes; attaching them anew takes a while whenever a test has unloaded the module')
    .option('--no-trace', 'without ftrace, so without a flight recorder')
    .option('--races', 'trace every access, and look for races');
  return addConfigured(command, RUN_KEYS).addOption(OPTIONS.noStore());
}

/** What a run takes from the configuration as well. */
const RUN_KEYS = KEYS.filter((key) => !key.startsWith('output.') && key !== 'allowActions');

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
