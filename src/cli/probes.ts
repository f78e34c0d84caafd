import { type Command, Option } from 'commander';
import pc from 'picocolors';
import { EXIT } from '../base/errors.ts';
import { escapeTerminal } from '../base/text.ts';
import { collect, duration, OPTIONS } from './options.ts';
import { createPrinter, type LiveFormat, print, say, wantsColor, withoutCommands } from './output.ts';
import { createInterrupt } from './signals.ts';

interface CheckFlags {
  readonly kernel?: string;
}

interface RunFlags {
  readonly file: readonly string[];
  readonly interface?: string;
  readonly guest?: string;
  readonly duration?: number;
  readonly interval?: number;
  readonly format: LiveFormat;
}

type Checked = Awaited<ReturnType<typeof import('../run/probes-library.ts').checkProbes>>[number];

export function defineProbes(program: Command): void {
  const probes = program.command('probes').description('the library of eBPF probes: look at it, check it, run it');

  probes
    .command('list')
    .description('every probe, what it costs, and whether it can run on this machine')
    .addOption(new Option('--format <format>', 'how it is written').choices(['text', 'json']).default('text'))
    .action(async (flags: { format: string }) => {
      const { builtInProbes, checkProbes } = await import('../run/probes-library.ts');
      const found = builtInProbes().map((probe) => ({ probe, problems: [] }));
      const checked = await checkProbes(found, { progress: say });
      if (flags.format === 'json') print(JSON.stringify(checked.map(toJson), null, 2));
      else printList(checked);
    });

  probes
    .command('check')
    .description('lint probes and look for what they need, on this machine or in a guest')
    .argument('[probe...]', 'names, or files of yours that end in .bt or .bpf.c (default: all)')
    .addOption(new Option('--kernel <name|path>', 'boot a guest of that kernel and look there'))
    .addHelpText(
      'after',
      `
Examples:
  vexfs-trace probes check
  vexfs-trace probes check mutex-hold --kernel stock
  vexfs-trace probes check my.bt

Exit codes: 0 all can run, 2 something is wrong in a file, 3 something is missing`,
    )
    .action(async (names: string[], flags: CheckFlags) => {
      const { builtInProbes, checkProbes, findProbes } = await import('../run/probes-library.ts');
      const found = findProbes(names.length > 0 ? names : builtInProbes().map(({ name }) => name));
      const interrupt = createInterrupt();
      try {
        const where = { ...(flags.kernel !== undefined && { kernel: flags.kernel }) };
        const checked = await checkProbes(found, { ...where, progress: say, signal: interrupt.signal });
        printCheck(checked);
        const broken = checked.some(({ problems }) => problems.length > 0);
        process.exitCode = broken ? EXIT.usage : checked.every(({ runs }) => runs) ? EXIT.ok : EXIT.missing;
      } finally {
        interrupt.dispose();
      }
    });

  probes
    .command('run')
    .description('run probes, on this machine or in a guest, and show what they see')
    .argument('[probe...]', 'names, as probes list shows them')
    .addOption(
      new Option('--file <path>', 'a program of yours: .bt, or .bpf.c to be compiled (repeatable)')
        .argParser(collect)
        .default([] as string[], 'none'),
    )
    .option('--interface <name>', 'network interface, for probes that need one')
    .option('--guest <guest>', 'run in this guest, as guest list names it')
    .addOption(
      new Option('--duration <time>', 'end after this time, such as 10s (default: Ctrl-C)').argParser(duration),
    )
    .addOption(new Option('--interval <time>', 'how often compiled probes are read (default: 10s)').argParser(duration))
    .addOption(OPTIONS.format())
    .addHelpText(
      'after',
      `
Examples:
  sudo vexfs-trace probes run sched-delay io-latency --duration 10s
  sudo vexfs-trace probes run interface-packets --interface eth0 --interval 1s --format ndjson
  sudo vexfs-trace probes run --file my.bt
  vexfs-trace probes run mutex-hold --guest GUEST

Exit codes: 0 it ran, 2 usage or a program that is wrong, 3 something is missing here, 5 it failed while it ran`,
    )
    .action(async (names: string[], flags: RunFlags) => {
      const [{ runProbes }, { findProbes }, { probeText }] = await Promise.all([
        import('../run/probes-run.ts'),
        import('../run/probes-library.ts'),
        import('../run/probes-text.ts'),
      ]);
      const toText = probeText(findProbes(names, flags.file).map(({ probe }) => probe));
      const printEvent = createPrinter('ndjson');
      const interrupt = createInterrupt();
      try {
        await runProbes({
          names,
          files: flags.file,
          ...(flags.interface !== undefined && { interface: flags.interface }),
          ...(flags.guest !== undefined && { guest: flags.guest }),
          ...(flags.duration !== undefined && { durationMs: flags.duration }),
          ...(flags.interval !== undefined && { intervalMs: flags.interval }),
          progress: say,
          signal: interrupt.signal,
          onEvent: (event) => {
            if (flags.format === 'ndjson') printEvent(event);
          },
          onMessage: (message) => {
            const text = flags.format === 'text' ? toText(message) : null;
            if (text !== null) print(withoutCommands(text));
          },
        });
      } finally {
        interrupt.dispose();
      }
    });
}

function printList(checked: readonly Checked[]): void {
  const colors = pc.createColors(wantsColor(process.stdout));
  const width = Math.max(...checked.map(({ probe }) => probe.name.length));
  for (const each of checked) {
    const { name, cost, title } = each.probe;
    const here = each.runs ? colors.green('yes') : colors.yellow('no ');
    print(`${here}  ${name.padEnd(width)}  ${cost.padEnd(6)}  ${title}`);
    if (!each.runs) print(`     ${''.padEnd(width)}          ${colors.dim(each.missing.join('; '))}`);
    else if (each.unknown.length > 0) print(`     ${''.padEnd(width)}          ${colors.dim(unknownText(each))}`);
  }
}

function printCheck(checked: readonly Checked[]): void {
  const colors = pc.createColors(wantsColor(process.stdout));
  for (const each of checked) {
    const { problems, missing, probe } = each;
    const mark = problems.length > 0 ? colors.red('bad ') : each.runs ? colors.green('ok  ') : colors.yellow('miss');
    print(`${mark} ${escapeTerminal(probe.name)}`);
    for (const line of [...problems, ...missing, ...(each.unknown.length > 0 ? [unknownText(each)] : [])]) {
      print(`     ${escapeTerminal(line)}`);
    }
  }
}

function unknownText({ unknown }: Checked): string {
  return `could not be looked up: ${unknown.join(', ')}`;
}

function toJson({ probe, runs, missing, unknown }: Checked) {
  const { text: _, ...rest } = probe;
  return { ...rest, runs, missing, unknown };
}
