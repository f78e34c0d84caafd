import { readFileSync, writeFileSync } from 'node:fs';
import { type Command, Option } from 'commander';
import { EXIT, ExpectedError, messageOf } from '../base/errors.ts';
import { toNdjson } from '../base/ndjson.ts';
import { escapeTerminal } from '../base/text.ts';
import type { MinimiseAsked, Minimised } from '../run/minimise-calls.ts';
import { OPTIONS, positive } from './options.ts';
import { print, say } from './output.ts';
import { createInterrupt } from './signals.ts';

interface Flags {
  readonly kernel: string;
  readonly cpus: number;
  readonly module?: string;
  readonly fstype?: string;
  readonly params?: string;
  readonly diskSize?: string;
  readonly seed: number;
  readonly calls: number;
  readonly workers: number;
  readonly inject?: string;
  readonly runs: number;
  readonly out?: string;
  readonly capture?: string | false;
  readonly format: 'text' | 'json';
}

/** More is no sequence of calls. */
const MAX_BYTES = 1 << 19;

export function defineMinimise(fault: Command): void {
  fault
    .command('minimise')
    .description('find the few calls that a failure needs, by running less and less of a sequence in a guest')
    .argument('[sequence]', 'file of calls, a line each (default: what --seed makes)')
    .addOption(OPTIONS.kernel())
    .addOption(OPTIONS.cpus())
    .addOption(OPTIONS.module())
    .addOption(OPTIONS.fstype())
    .addOption(OPTIONS.params())
    .addOption(OPTIONS.diskSize())
    .addOption(
      new Option('--seed <n>', 'of the sequence, as the finding of `calls` names it').argParser(positive).default(1),
    )
    .addOption(new Option('--calls <n>', 'calls that are made from the seed').argParser(positive).default(1000))
    .addOption(new Option('--workers <n>', 'processes that make them').argParser(positive).default(4))
    .option('--inject <fault>', 'a fault of the module that is put in before each try: NAME or NAME=VALUE')
    .addOption(new Option('--runs <n>', 'tries at most').argParser(positive).default(200))
    .option('--out <file>', 'where the calls go that are needed (default: standard output)')
    .option('--capture <folder>', 'record the guest there')
    .addOption(new Option('--format <format>', 'how the result is written').choices(['text', 'json']).default('text'))
    .addHelpText(
      'after',
      `
The failure is a finding of severity major or worse, a wrong answer, or calls that do not end. Exit code 1 when there is one.

Examples:
  vexfs-trace fault minimise --seed 7 --disk-size 64M
  vexfs-trace fault minimise crash.calls --kernel ../kernels/6.1-kasan --out least.calls
  vexfs-trace fault minimise --seed 7 --inject io-error=1`,
    )
    .action(async (sequence: string | undefined, flags: Flags) => {
      process.exitCode = await runMinimise(sequence, flags);
    });
}

async function runMinimise(sequence: string | undefined, flags: Flags): Promise<number> {
  const { callsOf, minimiseCalls } = await import('../run/minimise-calls.ts');
  const lines = sequence === undefined ? undefined : callsOf(readSequence(sequence));
  if (lines?.length === 0) throw new ExpectedError('usage', `${sequence} has no calls`);
  const interrupt = createInterrupt();
  try {
    const done = await minimiseCalls(askedOf(flags, lines), {
      onEvent: () => {},
      onTry: (run, count, failure) => say(escapeTerminal(`${run}: ${count} calls: ${failure ?? 'nothing'}`)),
      progress: say,
      warn: (text) => say(`warning: ${text}`),
      signal: interrupt.signal,
    });
    tell(done, flags);
    return done.failure === undefined ? EXIT.ok : EXIT.findings;
  } finally {
    interrupt.dispose();
  }
}

function readSequence(file: string): string {
  let bytes: Buffer;
  try {
    bytes = readFileSync(file);
  } catch (error) {
    throw new ExpectedError('usage', `the sequence cannot be read: ${messageOf(error)}`);
  }
  if (bytes.length > MAX_BYTES) throw new ExpectedError('usage', `${file} is larger than ${MAX_BYTES >> 10} KiB`);
  return bytes.toString('utf8');
}

function askedOf(flags: Flags, lines: readonly string[] | undefined): MinimiseAsked {
  const { seed, calls, workers, runs, inject } = flags;
  return {
    ...{ seed, calls, workers, mostRuns: runs },
    ...(lines !== undefined && { lines }),
    ...(inject !== undefined && { inject }),
    attach: {
      ...{ kernel: flags.kernel, cpus: flags.cpus },
      ...(flags.module !== undefined && { modulePath: flags.module }),
      ...(flags.fstype !== undefined && { fstype: flags.fstype }),
      ...(flags.params !== undefined && { params: flags.params }),
      ...(flags.diskSize !== undefined && { scratch: { diskSize: flags.diskSize } }),
      ...(typeof flags.capture === 'string' && { captureDir: flags.capture }),
    },
  };
}

function tell(done: Minimised, { format, out }: Flags): void {
  const { failure, lines, of, runs } = done;
  const text = `# ${escapeTerminal(failure ?? 'nothing fails')}\n${lines.map((line) => `${line}\n`).join('')}`;
  if (out !== undefined && failure !== undefined) writeFileSync(out, text);
  if (format === 'json') print(toNdjson(done).trimEnd());
  else if (failure === undefined) print(`nothing fails in ${of} calls`);
  else {
    if (out === undefined) print(text.trimEnd());
    say(`${lines.length} of ${of} calls are needed, after ${runs} tries${out === undefined ? '' : `: ${out}`}`);
    say('in the guest they are run by: vexcheck replay FILE --dir /mnt/vexfs');
  }
}
