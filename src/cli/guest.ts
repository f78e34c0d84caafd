import { availableParallelism } from 'node:os';
import { type Command, Option } from 'commander';
import { EXIT, ExpectedError } from '../base/errors.ts';
import { type KernelProfile, PROFILE_NAMES } from '../model/kernel-profile.ts';
import type { NetworkKind } from '../model/network.ts';
import { LEAVE_NAME, typeInto, windowSize } from './console.ts';
import { duration, OPTIONS, positive } from './options.ts';
import { print, say, write } from './output.ts';
import { createInterrupt } from './signals.ts';

interface MachineFlags {
  readonly kernel: string;
  readonly cpus: number;
  readonly memory?: number;
  readonly accel?: 'kvm' | 'tcg';
  readonly network: NetworkKind;
}

interface BootFlags extends MachineFlags {
  readonly interactive?: boolean;
  readonly detach?: boolean;
}

interface KernelBuildFlags {
  readonly profile: KernelProfile;
  readonly source: string;
  readonly jobs?: number;
}

type BootOptions = Parameters<typeof import('../run/guest-command.ts').bootGuest>[0];

export function defineGuest(program: Command): void {
  const guest = program.command('guest').description('build, boot and use guests by hand');

  guest
    .command('build')
    .description('build the module and the images of a kernel, without booting')
    .addOption(OPTIONS.kernel())
    .addOption(OPTIONS.config())
    .action(async (flags: { readonly kernel: string }) => {
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
    .addOption(OPTIONS.network())
    .addOption(OPTIONS.config())
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
        network: flags.network,
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

  defineKernel(guest);
}

/** Kernels for guests: what is here, and how to get those with more detectors. */
function defineKernel(guest: Command): void {
  const kernel = guest.command('kernel').description('kernels that guests can boot; debug kernels from Debian sources');

  kernel
    .command('list')
    .description('kernels that are here, and those that can be built')
    .action(async () => {
      const { listKernels } = await import('../run/guest-kernels.ts');
      for (const { name, about, next } of listKernels()) {
        print(`${name.padEnd(12)}  ${about}`);
        if (next !== undefined) print(`${''.padEnd(12)}  ${next}`);
      }
    });

  kernel
    .command('build')
    .description('build a debug kernel; it is then found by the name of its profile')
    .addOption(
      new Option('--profile <name>', 'what it shall find: memory errors, data races, or what failing calls break')
        .choices(PROFILE_NAMES)
        .makeOptionMandatory(),
    )
    .option('--source <package>', 'Debian package of the source', 'linux-source-6.1')
    .addOption(new Option('--jobs <n>', 'compilers at a time (default: one a CPU)').argParser(positive))
    .addHelpText(
      'after',
      `
Examples:
  vexfs-trace guest kernel build --profile fault
  vexfs-trace attach --kernel fault --stress

It takes a quarter of an hour on two cores. Ctrl-C ends it, and the same command goes on from there.`,
    )
    .action(async (flags: KernelBuildFlags) => {
      const { buildKernel } = await import('../run/guest-kernels.ts');
      const interrupt = createInterrupt();
      try {
        const dir = await buildKernel({
          jobs: availableParallelism(),
          ...flags,
          progress: say,
          signal: interrupt.signal,
        });
        print(dir);
        say(`boot it with --kernel ${flags.profile}; --vmlinux ${dir}/vmlinux gives its frames their lines`);
      } catch (error) {
        const code = interrupt.exitCode();
        if (code === undefined || !(error instanceof ExpectedError)) throw error;
        say(`vexfs-trace: ${error.message}; ${error.hint ?? ''}`);
        process.exitCode = code;
      } finally {
        interrupt.dispose();
      }
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
