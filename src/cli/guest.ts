import { type Command, Option } from 'commander';
import { EXIT } from '../base/errors.ts';
import { LEAVE_NAME, typeInto, windowSize } from './console.ts';
import { duration, OPTIONS } from './options.ts';
import { print, say, write } from './output.ts';
import { createInterrupt } from './signals.ts';

interface MachineFlags {
  readonly kernel: string;
  readonly cpus: number;
  readonly memory?: number;
  readonly accel?: 'kvm' | 'tcg';
}

interface BootFlags extends MachineFlags {
  readonly interactive?: boolean;
  readonly detach?: boolean;
}

type BootOptions = Parameters<typeof import('../run/guest-command.ts').bootGuest>[0];

export function defineGuest(program: Command): void {
  const guest = program.command('guest').description('build, boot and use guests by hand');

  guest
    .command('build')
    .description('build the module and the images of a kernel, without booting')
    .addOption(OPTIONS.kernel())
    .action(async (flags: MachineFlags) => {
      const { buildGuest } = await import('../run/open-guest.ts');
      const built = buildGuest({ kernel: flags.kernel });
      print(
        `kernel   ${built.kernel.image}\nimage    ${built.initramfs}\nmodule   ${built.module.file}\ntools    ${built.tools ?? 'none: bpftrace is not installed here'}`,
      );
    });

  guest
    .command('boot')
    .description('boot a guest with the module mounted and show its console until Ctrl-C')
    .addOption(OPTIONS.kernel())
    .addOption(OPTIONS.cpus())
    .addOption(OPTIONS.memory())
    .addOption(OPTIONS.accel())
    .option('--interactive', `a shell on its console; ${LEAVE_NAME} leaves and ends the guest`)
    .addOption(new Option('--detach', 'leave it running until guest stop; prints its name').conflicts('interactive'))
    .addHelpText(
      'after',
      `
Examples:
  vexfs-trace guest boot --interactive
  vexfs-trace guest boot --detach
  vexfs-trace guest exec GUEST -- uname -a`,
    )
    .action(async (flags: BootFlags) => {
      const interrupt = createInterrupt();
      const options = {
        kernel: flags.kernel,
        cpus: flags.cpus,
        ...(flags.memory !== undefined && { memoryMiB: flags.memory }),
        ...(flags.accel !== undefined && { accelerator: flags.accel }),
        progress: say,
        signal: interrupt.signal,
      };
      const stopped = new Promise<void>((resolve) =>
        interrupt.signal.addEventListener('abort', () => resolve(), { once: true }),
      );
      try {
        if (flags.detach) await bootDetached(options);
        else if (flags.interactive) await bootForTyping(options, stopped);
        else await bootToWatch(options, stopped);
      } finally {
        interrupt.dispose();
      }
      process.exitCode = interrupt.exitCode() ?? EXIT.ok;
    });

  guest
    .command('list')
    .description('guests that run on this machine')
    .action(async () => {
      const { listGuests } = await import('../run/guest-command.ts');
      const records = listGuests();
      for (const { id, kernel, started, owner } of records)
        print(`${id}  ${kernel}  since ${started}${owner === undefined ? '  detached' : ''}`);
      if (records.length === 0) say('no guest is running');
    });

  guest
    .command('exec')
    .description('run a command in a running guest')
    .argument('<guest>', 'as listed by guest list')
    .argument('<command...>', 'program and arguments, behind --')
    .option('--timeout <time>', 'how long it may take (default: 60s)', duration)
    .action(async (id: string, argv: string[], flags: { timeout?: number }) => {
      const { execInGuest } = await import('../run/guest-command.ts');
      const answer = await execInGuest(id, argv, flags.timeout ?? 60_000);
      if (answer.output !== '') print(answer.output);
      if (answer.error !== undefined) say(`vexfs-trace: ${answer.error}`);
      process.exitCode = answer.status === -2 ? EXIT.timeout : answer.status < 0 ? EXIT.guest : answer.status;
    });

  guest
    .command('stop')
    .description('end a running guest')
    .argument('<guest>', 'as listed by guest list')
    .action(async (id: string) => {
      const { stopGuest } = await import('../run/guest-command.ts');
      stopGuest(id);
    });
}

async function bootToWatch(options: BootOptions, stopped: Promise<void>): Promise<void> {
  const { bootGuest } = await import('../run/guest-command.ts');
  const { guest, id } = await bootGuest(options, write);
  say(`guest ${id} is up; in another terminal: vexfs-trace guest exec ${id} -- sh -c 'ls /mnt/vexfs'`);
  await Promise.race([stopped, guest.exited]);
  await guest.close();
}

async function bootForTyping(options: BootOptions, stopped: Promise<void>): Promise<void> {
  const size = windowSize();
  const { bootInteractive } = await import('../run/guest-command.ts');
  const { guest, id, terminal } = await bootInteractive(options, size, write);
  // A guest that powers off leaves QEMU standing with a console that says no more.
  const shutDown = new Promise<void>((resolve) =>
    guest.onWitness((event) => {
      if (event === 'SHUTDOWN') resolve();
    }),
  );
  say(`\nguest ${id} is up and this is its console; ${LEAVE_NAME} leaves and ends it`);
  // The shell's first prompt went by among the messages of the boot.
  terminal.write('\r');
  await typeInto(terminal, Promise.race([stopped, shutDown, guest.exited]));
  await guest.close();
}

async function bootDetached(options: BootOptions): Promise<void> {
  const { bootGuest } = await import('../run/guest-command.ts');
  const { guest, id } = await bootGuest({ ...options, detached: true }, () => {});
  guest.release();
  print(id);
  say(`it runs until: vexfs-trace guest stop ${id}`);
}
