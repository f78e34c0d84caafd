import { type Command, Option } from 'commander';
import { ExpectedError } from '../base/errors.ts';
import type { JoinTarget } from '../run/join.ts';
import { GuestGone, type LiveFlags, LiveView } from './live-view.ts';
import { collect, positive } from './options.ts';
import { type SymbolFlags, symbolOptions } from './symbol-options.ts';

export interface JoinFlags {
  readonly ssh?: string;
  readonly sshConfig?: string;
  readonly console?: string;
  readonly baud?: number;
  readonly local?: boolean;
  readonly backlog?: boolean;
  readonly events: readonly string[];
}

/** Flags that make or drive a guest of our own; a guest of the user's is only listened to. */
const OURS = [
  ...['kernel', 'cpus', 'memory', 'accel', 'network', 'module', 'fstype', 'params', 'disk', 'diskSize', 'mkfs'],
  ...['stress', 'load', 'inject', 'leaks'],
];

/** Flags that mean nothing without one of others. */
const NEEDS: readonly { readonly flag: keyof JoinFlags; readonly name: string; readonly of: readonly Way[] }[] = [
  { flag: 'sshConfig', name: '--ssh-config', of: ['ssh'] },
  { flag: 'baud', name: '--baud', of: ['console'] },
  { flag: 'backlog', name: '--backlog', of: ['ssh', 'local'] },
  { flag: 'events', name: '--events', of: ['ssh', 'local'] },
];
type Way = 'ssh' | 'console' | 'local';

export function addJoinOptions(command: Command): Command {
  return command
    .optionsGroup('Join a running machine of your own instead (it is only listened to, nothing is done to it):')
    .addOption(
      new Option('--ssh <host>', 'its kernel log and trace events through ssh').conflicts([
        ...OURS,
        'console',
        'local',
      ]),
    )
    .option('--ssh-config <file>', 'instead of your own ssh_config')
    .addOption(
      new Option('--console <path>', 'its console: a unix socket, /dev/pts/N or a serial device').conflicts([
        ...OURS,
        'ssh',
        'local',
      ]),
    )
    .addOption(new Option('--baud <rate>', 'speed of the serial device (default: as it is set)').argParser(positive))
    .addOption(new Option('--local', "this machine's /dev/kmsg and tracefs").conflicts([...OURS, 'ssh', 'console']))
    .option('--backlog', 'begin with what its kernel log holds already (default: only what is new)')
    .addOption(
      new Option('--events <system:event>', 'trace these events, * allowed (repeatable; default: those of vexfs)')
        .argParser(collect)
        .default([] as string[], 'none'),
    );
}

/** The machine to join; undefined when a guest is to be booted. */
export function joinTarget(flags: JoinFlags): JoinTarget | undefined {
  const way = (['ssh', 'console', 'local'] as const).find((name) => flags[name] !== undefined);
  for (const { flag, name, of } of NEEDS) {
    const value = flags[flag];
    const given = Array.isArray(value) ? value.length > 0 : value !== undefined;
    if (given && (way === undefined || !of.includes(way)))
      throw new ExpectedError(
        'usage',
        `${name} is for ${of.map((other) => `--${other}`).join(' and ')}`,
        'leave it out',
      );
  }
  if (flags.ssh !== undefined)
    return { kind: 'ssh', host: flags.ssh, ...(flags.sshConfig !== undefined && { config: flags.sshConfig }) };
  if (flags.console !== undefined)
    return { kind: 'console', path: flags.console, ...(flags.baud !== undefined && { baud: flags.baud }) };
  return flags.local ? { kind: 'local' } : undefined;
}

/** Watches a machine until Ctrl-C, the end of the time, or its own. */
export async function runJoin(
  target: JoinTarget,
  flags: JoinFlags &
    LiveFlags &
    Omit<SymbolFlags, 'module'> & {
      readonly duration?: number;
      readonly trace: boolean;
      readonly patterns: readonly string[];
      readonly symbols: readonly string[];
    },
  args: readonly string[],
): Promise<number> {
  const { join } = await import('../run/join.ts');
  const view = new LiveView(flags, ['attach', ...args]);
  const symbols = symbolOptions({ ...flags, module: flags.symbols });
  return view.run(async () => {
    const run = await join(
      {
        target,
        backlog: flags.backlog === true,
        events: flags.events,
        trace: flags.trace,
        interactive: process.stdin.isTTY === true,
        ...(view.captureDir !== undefined && { captureDir: view.captureDir }),
        patterns: flags.patterns,
        ...(symbols !== undefined && { symbols }),
        command: ['attach', ...args],
      },
      view.ports,
    );
    let gone: string | undefined;
    await view.during(
      run.session,
      async () => {
        const exit = await run.run(flags.duration);
        if (exit !== undefined) gone = exit.reason || 'the connection ended';
      },
      () => run.close(),
    );
    if (gone !== undefined) throw new GuestGone(gone);
  });
}
