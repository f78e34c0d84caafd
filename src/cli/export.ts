import { type Command, Option } from 'commander';
import { AtomicFile } from '../base/atomic-file.ts';
import { EXIT, ExpectedError, messageOf } from '../base/errors.ts';
import { VERSION } from '../run/version.ts';
import { EXPORT_FORMATS, type ExportFormat } from '../sink/timeline-sink.ts';
import { say } from './output.ts';
import { exitOnSignals } from './signals.ts';

interface Flags {
  readonly format: ExportFormat;
  readonly output: string;
}

export function defineExport(program: Command): void {
  program
    .command('export')
    .description('write the timeline of a trace for other tools to show')
    .argument(
      '<trace>',
      'a trace, packed or not, a recording of attach, a folder with pages of the ring buffer, or - for standard input',
    )
    .addOption(new Option('--format <format>', 'what to write').choices([...EXPORT_FORMATS]).default('chrome'))
    .option('-o, --output <path>', 'where to; - for standard output', '-')
    .addHelpText(
      'after',
      `
Formats:
  chrome       JSON of the trace event format: open it in ui.perfetto.dev or chrome://tracing
  folded       stacks with weights for flamegraph.pl and inferno: sampled ones, or the time of calls
  speedscope   open it in speedscope

Examples:
  vexfs-trace export trace.txt -o trace.json
  trace-cmd report -t trace.dat | vexfs-trace export - -o trace.json
  perf script | vexfs-trace export - --format folded | inferno-flamegraph > flame.svg
  vexfs-trace export captures/last --format speedscope -o last.speedscope.json`,
    )
    .action(async (name: string, flags: Flags) => {
      process.exitCode = await runExport(name, flags);
    });
}

async function runExport(name: string, { format, output }: Flags): Promise<number> {
  const { exportTrace } = await import('../run/export-trace.ts');
  const { TIMELINE_SINKS } = await import('../sink/timeline-formats.ts');
  const warn = (text: string) => say(`warning: ${text}`);
  const release = exitOnSignals();
  const file = openOutput(output);
  process.once('exit', () => file.discard());
  try {
    const sink = TIMELINE_SINKS[format]({ write: (text) => file.write(text), warn, name, version: VERSION });
    const { records, shown, losses, lost } = await exportTrace(name, process.stdin, sink, warn);
    sink.close();
    file.commit();
    say(
      `${shown} of ${records} records are shown${losses === 0 ? '' : `; ${lost} events are known to be lost, in ${losses} places`}`,
    );
    return EXIT.ok;
  } finally {
    file.discard();
    release();
  }
}

interface Output {
  write(text: string): void;
  commit(): void;
  discard(): void;
}

function openOutput(path: string): Output {
  if (path === '-') return { write: (text) => void process.stdout.write(text), commit() {}, discard() {} };
  try {
    return new AtomicFile(path);
  } catch (error) {
    throw new ExpectedError('usage', `${path} cannot be written: ${messageOf(error)}`, 'name another file');
  }
}
