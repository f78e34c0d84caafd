import { join } from 'node:path';
import { type Command, Option } from 'commander';
import { EXIT, ExpectedError } from '../base/errors.ts';
import { atLeast, type Severity } from '../model/classification.ts';
import { type Event, isFinding } from '../model/event.ts';
import { collect, duration, OPTIONS } from './options.ts';
import { createPrinter, type Format, say } from './output.ts';
import { createInterrupt } from './signals.ts';
import { StatusLine } from './status-line.ts';

interface Flags {
  readonly kernel: string;
  readonly cpus: number;
  readonly memory?: number;
  readonly accel?: 'kvm' | 'tcg';
  readonly module?: string;
  readonly fstype?: string;
  readonly params?: string;
  readonly disk?: string;
  readonly diskSize?: string;
  readonly mkfs?: string;
  readonly stress?: boolean;
  readonly load?: string;
  readonly duration?: number;
  readonly inject: readonly string[];
  readonly recover: boolean;
  readonly trace: boolean;
  readonly probes: boolean;
  readonly capture: string | boolean;
  readonly format: Format;
  readonly failOn: Severity;
  readonly patterns: readonly string[];
}

export function defineAttach(program: Command): void {
  program
    .command('attach')
    .description('boot a guest with the module, stream everything it says, classify and recover what breaks')
    .addOption(OPTIONS.kernel())
    .addOption(OPTIONS.cpus())
    .addOption(OPTIONS.memory())
    .addOption(OPTIONS.accel())
    .option('--module <file.ko>', 'your own module instead of the built-in vexfs')
    .option('--fstype <name>', 'file system that the module registers (default: its name)')
    .option('--params <text>', 'parameters of your module')
    .option('--disk <image>', 'disk that the file system is on (an overlay is used, the image stays as it is)')
    .option('--disk-size <size>', 'a new disk of this size, such as 64M')
    .option('--mkfs <program>', 'formats the new disk; gets the path of the image')
    .addOption(
      new Option('--stress', 'run the built-in mix of file, directory, mount and vector work').conflicts('load'),
    )
    .option('--load <command>', 'run this command in the guest as load')
    .addOption(new Option('--duration <time>', 'end after this time, such as 90s or 15m').argParser(duration))
    .addOption(
      new Option('--inject <fault>', 'trigger a fault of the vexfs module, NAME or NAME=ARG (repeatable)')
        .argParser(collect)
        .default([] as string[], 'none'),
    )
    .option('--no-recover', 'report incidents but do nothing about them')
    .option('--no-trace', 'without ftrace')
    .option('--no-probes', 'without eBPF probes')
    .option('--capture <folder>', 'where the run is recorded (default: captures/RUN)')
    .option('--no-capture', 'record nothing')
    .addOption(OPTIONS.format())
    .addOption(OPTIONS.failOn())
    .addOption(OPTIONS.patterns())
    .addHelpText(
      'after',
      `
Examples:
  vexfs-trace attach --stress --duration 2m
  vexfs-trace attach --inject null-deref --inject soft-lockup=15
  vexfs-trace attach --module my.ko --fstype myfs --disk-size 64M --mkfs ./mkfs.myfs --load 'fio /mnt/vexfs'`,
    )
    .action(async (flags: Flags, command: Command) => {
      process.exitCode = await runAttach(flags, command);
    });
}

async function runAttach(flags: Flags, command: Command): Promise<number> {
  const { attach } = await import('../run/attach.ts');
  const interrupt = createInterrupt();
  const status = new StatusLine(flags.format);
  const printer = createPrinter(flags.format);
  let worst = false;
  const onEvent = (event: Event) => {
    if (isFinding(event) && atLeast(event.severity, flags.failOn)) worst = true;
    status.around(() => printer(event));
  };
  const capture =
    flags.capture === false ? undefined : typeof flags.capture === 'string' ? flags.capture : join('captures', stamp());
  try {
    const attached = await attach(
      {
        kernel: flags.kernel,
        cpus: flags.cpus,
        ...(flags.memory !== undefined && { memoryMiB: flags.memory }),
        ...(flags.accel !== undefined && { accelerator: flags.accel }),
        ...(flags.module !== undefined && { modulePath: flags.module }),
        ...(flags.fstype !== undefined && { fstype: flags.fstype }),
        ...(flags.params !== undefined && { params: flags.params }),
        ...((flags.disk !== undefined || flags.diskSize !== undefined) && {
          scratch: {
            ...(flags.disk !== undefined && { disk: flags.disk }),
            ...(flags.diskSize !== undefined && { diskSize: flags.diskSize }),
            ...(flags.mkfs !== undefined && { mkfs: flags.mkfs }),
          },
        }),
        ...(flags.stress && { load: { stress: true as const } }),
        ...(flags.load !== undefined && { load: { command: flags.load } }),
        ...(capture !== undefined && { captureDir: capture }),
        recover: flags.recover,
        trace: flags.trace,
        probes: flags.probes,
        patterns: flags.patterns,
        command: ['attach', ...(command.parent?.args ?? [])],
      },
      {
        onEvent,
        progress: (text) => status.around(() => say(text)),
        warn: (text) => status.around(() => say(`warning: ${text}`)),
        signal: interrupt.signal,
      },
    );
    const { session } = attached;
    status.start(() => session.status());
    try {
      await attached.inject(flags.inject);
      if (flags.inject.length === 0 || flags.duration !== undefined) await attached.run(flags.duration);
    } finally {
      status.stop();
      await attached.close();
    }
    const { findings, incidents, recovered, gaps } = session.counts;
    say(
      `${findings} findings in ${incidents} incidents, ${recovered} recovered, ${gaps} gaps${capture === undefined ? '' : `; recorded in ${capture}`}`,
    );
    return worst ? EXIT.findings : EXIT.ok;
  } catch (error) {
    const code = interrupt.exitCode();
    if (code !== undefined && error instanceof ExpectedError) return code;
    throw error;
  } finally {
    status.stop();
    interrupt.dispose();
  }
}

/** A folder name that sorts by time. */
function stamp(): string {
  return new Date().toISOString().replace(/[-:]/g, '').replace(/\..*/, '').replace('T', '-');
}
