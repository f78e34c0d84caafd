import { type Command, Option } from 'commander';
import { toNdjson } from '../base/ndjson.ts';
import { escapeTerminal } from '../base/text.ts';
import { defineCampaign } from './fault-campaign.ts';
import { defineMinimise } from './fault-minimise.ts';
import { type LiveFlags, LiveView } from './live-view.ts';
import { duration, OPTIONS } from './options.ts';
import { print, say } from './output.ts';
import { createInterrupt } from './signals.ts';

interface ListFlags {
  readonly kernel: string;
  readonly matrix?: boolean;
  readonly format: 'text' | 'json';
}

interface InjectFlags extends LiveFlags {
  readonly kernel: string;
  readonly seconds: number;
  readonly diskSize?: string;
  readonly recover: boolean;
}

export function defineFault(program: Command): void {
  const fault = program.command('fault').description('faults of the module, its kernel and what surrounds them');
  fault
    .command('list')
    .description('which faults there are, whether a kernel can have them, and if not why')
    .addOption(OPTIONS.kernel())
    .option('--matrix', 'kernel, detectors, faults and file system as a table')
    .addOption(new Option('--format <format>', 'how the list is written').choices(['text', 'json']).default('text'))
    .action(runList);
  fault
    .command('inject')
    .description('boot a guest under load, bring faults about one after the other, and say what came of each')
    .argument('<fault...>', 'NAME, NAME=VALUE or NAME=key=value,key=value')
    .addOption(OPTIONS.kernel())
    .addOption(
      new Option('--seconds <time>', 'how long a fault is in force that leaves the guest working')
        .argParser(duration)
        .default(10_000, '10s'),
    )
    .option(
      '--disk-size <size>',
      'mount the file system from a disk of this size, which can be made to fail, such as 64M',
    )
    .option('--no-recover', 'report incidents but do nothing about them')
    .option('--capture <folder>', 'where the run is recorded (default: captures/RUN)')
    .option('--no-capture', 'record nothing')
    .addOption(OPTIONS.store())
    .addOption(OPTIONS.noStore())
    .addOption(OPTIONS.format())
    .addOption(OPTIONS.failOn())
    .addHelpText(
      'after',
      `
Examples:
  vexfs-trace fault inject disk-full cpu-hotplug clock-jump=step=86400
  vexfs-trace fault inject failslab=probability=5,times=50 --kernel ../kernels/6.1-kasan
  vexfs-trace fault inject slow-device=500 failing-device --disk-size 64M
  vexfs-trace fault inject frozen-guest dead-agent`,
    )
    .action(async (specs: readonly string[], flags: InjectFlags) => {
      process.exitCode = await runInject(specs, flags);
    });
  defineCampaign(fault);
  defineMinimise(fault);
}

async function runList({ kernel, matrix, format }: ListFlags): Promise<void> {
  const { readFaultList } = await import('../run/fault-list.ts');
  const { faultLines, matrixLines } = await import('./fault-list.ts');
  const interrupt = createInterrupt();
  const list = await readFaultList(kernel, say, interrupt.signal);
  interrupt.dispose();
  if (format === 'json') print(toNdjson(list));
  else for (const line of matrix ? matrixLines(list) : faultLines(list)) print(escapeTerminal(line));
}

async function runInject(specs: readonly string[], flags: InjectFlags): Promise<number> {
  const { attach } = await import('../run/attach.ts');
  const view = new LiveView(flags, ['fault', 'inject', ...specs]);
  return view.run(async () => {
    const attached = await attach(
      {
        kernel: flags.kernel,
        cpus: 2,
        load: { stress: true },
        ...(flags.diskSize !== undefined && { scratch: { diskSize: flags.diskSize }, breakable: true }),
        ...(view.captureDir !== undefined && { captureDir: view.captureDir }),
        recover: flags.recover,
        trace: true,
        probes: false,
        patterns: [],
        command: ['fault', 'inject', ...specs],
      },
      view.ports,
    );
    // Events are the product of --format ndjson; the table is for people.
    const tell = flags.format === 'text' ? print : say;
    await view.during(
      attached.session,
      async () => {
        const results = await attached.inject(specs, flags.seconds / 1000);
        for (const { name, outcome, detail } of results) tell(escapeTerminal(`${name}: ${outcome}: ${detail}`));
      },
      () => attached.close(),
    );
  });
}
