import { type Command, InvalidArgumentError, Option } from 'commander';
import { ExpectedError } from '../base/errors.ts';
import type { Action } from '../model/classification.ts';
import type { NetworkKind } from '../model/network.ts';
import { addJoinOptions, type JoinFlags, joinTarget, runJoin } from './join.ts';
import { type LiveFlags, LiveView } from './live-view.ts';
import { collect, duration, OPTIONS } from './options.ts';
import { SYMBOL_OPTIONS, symbolOptions } from './symbol-options.ts';

interface Flags extends JoinFlags, LiveFlags {
  readonly kernel: string;
  readonly cpus: number;
  readonly memory?: number;
  readonly accel?: 'kvm' | 'tcg';
  readonly network: NetworkKind;
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
  readonly dryRunRecovery?: boolean;
  readonly dumps: number;
  readonly trace: boolean;
  readonly races?: boolean;
  readonly leaks?: number;
  readonly probes: boolean;
  readonly patterns: readonly string[];
  readonly allowActions?: ReadonlySet<Action>;
  readonly vmlinux?: string;
  readonly symbols: readonly string[];
  readonly kernelTree?: string;
}

export function defineAttach(program: Command): void {
  const command = program
    .command('attach')
    .description('boot a guest with the module, stream everything it says, classify and recover what breaks')
    .addOption(OPTIONS.kernel())
    .addOption(OPTIONS.cpus())
    .addOption(OPTIONS.memory())
    .addOption(OPTIONS.accel())
    .addOption(OPTIONS.network())
    .addOption(OPTIONS.module())
    .addOption(OPTIONS.fstype())
    .addOption(OPTIONS.params())
    .addOption(OPTIONS.disk())
    .addOption(OPTIONS.diskSize())
    .addOption(OPTIONS.mkfs())
    .addOption(
      new Option('--stress', 'run the built-in mix of file, directory, mount and vector work').conflicts('load'),
    )
    .option('--load <command>', 'run this command in the guest as load')
    .addOption(new Option('--duration <time>', 'end after this time, such as 90s or 15m').argParser(duration))
    .addOption(
      new Option(
        '--inject <fault>',
        'bring about what "fault list" names: NAME, NAME=VALUE or NAME=key=value,... (repeatable)',
      )
        .argParser(collect)
        .default([] as string[], 'none'),
    )
    .option('--no-recover', 'report incidents but do nothing about them')
    .addOption(new Option('--dry-run-recovery', 'tell what would be done about incidents, and do nothing'))
    .addOption(
      new Option('--dumps <count>', "how often a broken guest's memory is dumped to the recording")
        .argParser((text) => {
          if (!/^\d{1,2}$/.test(text)) throw new InvalidArgumentError('give a number from 0 to 99');
          return Number(text);
        })
        .default(2),
    )
    .option('--no-trace', 'without ftrace')
    .option('--races', 'trace every lock and access, to find data races')
    .addOption(
      new Option(
        '--leaks [time]',
        'watch what the module allocates: pause the load so often and unmount, unload at the end, tell what stays',
      )
        .argParser(duration)
        .preset('60s'),
    )
    .option('--no-probes', 'without eBPF probes')
    .addOption(OPTIONS.capture())
    .option('--no-capture', 'record nothing')
    .addOption(OPTIONS.store())
    .addOption(OPTIONS.noStore())
    .addOption(OPTIONS.metricsFile())
    .addOption(OPTIONS.metricsInterval())
    .addOption(OPTIONS.alerts())
    .addOption(OPTIONS.alertCommand())
    .addOption(OPTIONS.format())
    .addOption(OPTIONS.failOn())
    .addOption(OPTIONS.patterns())
    .addOption(OPTIONS.allowActions())
    .addOption(SYMBOL_OPTIONS.vmlinux())
    .addOption(SYMBOL_OPTIONS.symbols())
    .addOption(SYMBOL_OPTIONS.kernelTree())
    .addOption(OPTIONS.config());
  addJoinOptions(command)
    .addHelpText(
      'after',
      `
Examples:
  vexfs-trace attach --stress --duration 2m
  vexfs-trace attach --inject null-deref --inject soft-lockup=15
  vexfs-trace attach --module my.ko --fstype myfs --disk-size 64M --mkfs ./mkfs.myfs --load 'fio /mnt/vexfs'
  vexfs-trace attach --ssh testbox --events vexfs:op_begin --events 'block:*'
  vexfs-trace attach --console /run/vm/console.sock
  sudo vexfs-trace attach --local --backlog`,
    )
    .action(async (flags: Flags, command: Command) => {
      // The program's own arguments begin with the name of the command.
      const args = command.parent?.args.slice(1) ?? [];
      const target = joinTarget(flags);
      process.exitCode = await (target === undefined ? runAttach(flags, args) : runJoin(target, flags, args));
    });
}

/** Options that make sense only together with another one. */
const NEEDS_ANOTHER: readonly (readonly [keyof Flags, keyof Flags, string])[] = [
  ['mkfs', 'diskSize', '--mkfs formats a new disk: give its size with --disk-size'],
  ['fstype', 'module', '--fstype goes with a module of yours: name it with --module'],
  ['params', 'module', '--params goes with a module of yours: name it with --module'],
];

function checkFlags(flags: Flags): void {
  for (const [option, other, message] of NEEDS_ANOTHER) {
    if (flags[option] !== undefined && flags[other] === undefined) throw new ExpectedError('usage', message);
  }
}

async function runAttach(flags: Flags, args: readonly string[]): Promise<number> {
  checkFlags(flags);
  const { attach } = await import('../run/attach.ts');
  const { statisticsFile } = await import('../run/recovery-statistics.ts');
  const symbols = symbolOptions({ ...flags, module: flags.symbols });
  const view = new LiveView(flags, ['attach', ...args]);
  return view.run(async () => {
    const attached = await attach(
      {
        kernel: flags.kernel,
        cpus: flags.cpus,
        ...(flags.memory !== undefined && { memoryMiB: flags.memory }),
        ...(flags.accel !== undefined && { accelerator: flags.accel }),
        network: flags.network,
        ...(flags.module !== undefined && { modulePath: flags.module }),
        ...(flags.fstype !== undefined && { fstype: flags.fstype }),
        ...(flags.params !== undefined && { params: flags.params }),
        ...((flags.disk !== undefined || flags.diskSize !== undefined) && {
          scratch: {
            ...(flags.disk !== undefined && { disk: flags.disk }),
            ...(flags.diskSize !== undefined && { diskSize: flags.diskSize }),
            ...(flags.mkfs !== undefined && { mkfs: flags.mkfs }),
          },
          breakable: flags.inject.length > 0,
        }),
        ...(flags.stress && { load: { stress: true as const } }),
        ...(flags.load !== undefined && { load: { command: flags.load } }),
        ...(view.captureDir !== undefined && { captureDir: view.captureDir }),
        recover: flags.dryRunRecovery ? 'plan' : flags.recover,
        statistics: statisticsFile(),
        maxDumps: flags.dumps,
        trace: flags.trace,
        races: flags.races ?? false,
        ...(flags.leaks !== undefined && { leaks: { everyMs: flags.leaks } }),
        probes: flags.probes,
        patterns: flags.patterns,
        ...(flags.allowActions !== undefined && { allowActions: flags.allowActions }),
        ...(symbols !== undefined && { symbols }),
        command: ['attach', ...args],
      },
      view.ports,
    );
    await view.during(
      attached.session,
      async () => {
        await attached.inject(flags.inject);
        if (flags.inject.length === 0 || flags.duration !== undefined) await attached.run(flags.duration);
      },
      () => attached.close(),
    );
  });
}
