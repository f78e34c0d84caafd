import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Command, Option } from 'commander';
import { AtomicFile } from '../base/atomic-file.ts';
import { EXIT, ExpectedError, messageOf } from '../base/errors.ts';
import type { About } from '../model/about.ts';
import type { Event } from '../model/event.ts';
import type { ReportFormat } from '../run/report-formats.ts';
import { collect, OPTIONS } from './options.ts';
import { say, terminalColumns, withoutCommands, write } from './output.ts';
import type { Outputs } from './outputs.ts';
import { createInterrupt } from './signals.ts';

interface Flags {
  readonly format: ReportFormat;
  readonly output?: string;
  readonly patterns: readonly string[];
  readonly baseline?: string;
  readonly metric: readonly string[];
}

const FORMATS: readonly ReportFormat[] = [
  ...(['html', 'text', 'json', 'markdown', 'junit', 'ktap', 'sarif', 'github', 'kcidb', 'lkml', 'pdf'] as const),
];
/** Nobody reads these on a terminal. */
const FOR_VIEWERS: ReadonlySet<ReportFormat> = new Set(['html', 'pdf']);

export function defineReport(program: Command): void {
  program
    .command('report')
    .description('write what a run of tests or a recording came to, as a page or for other tools')
    .argument('[folder]', 'run of stress, or recording of attach; the newest below runs/ and captures/ unless given')
    .addOption(new Option('--format <format>', 'what to write').choices(FORMATS).default('html'))
    .option('-o, --output <path>', 'where to, - for standard output (html and pdf on a terminal: a file in the folder)')
    .addOption(OPTIONS.patterns())
    .option('--baseline <name>', 'beside this run: a name of "baseline list", a folder, a summary.json')
    .addOption(
      new Option('--metric <name>', 'of it only this metric; * is any text (repeatable)')
        .argParser(collect)
        .default([], 'all'),
    )
    .addOption(OPTIONS.config())
    .addHelpText(
      'after',
      `
Formats:
  html         one page that needs nothing else: findings, incidents, tests, charts, log
  pdf          the same, printed by chromium
  kcidb        JSON for the database of kernelci.org, schema 5.3
  lkml         a mail about the worst finding, to read and send yourself; nothing is sent
  text, json, markdown, junit, ktap, sarif, github

Examples:
  vexfs-trace report                                       a page of the newest run
  vexfs-trace report runs/20261121-200000 -o report.html
  vexfs-trace report captures/demo --format lkml
  vexfs-trace report --baseline v1 --metric '*/p50' --format markdown
  vexfs-trace report --format sarif > report.sarif`,
    )
    .action(async (folder: string | undefined, flags: Flags) => {
      process.exitCode = await runReport(folder, flags);
    });
}

async function runReport(name: string | undefined, flags: Flags): Promise<number> {
  const { findReportInput } = await import('../run/report-input.ts');
  const { readStory } = await import('../run/report.ts');
  const { documentOf, eventFormatOf } = await import('../run/report-formats.ts');
  const { format, output, patterns } = flags;
  const input = findReportInput(name);
  const beside = flags.baseline === undefined ? undefined : await openBaseline(flags.baseline, flags, input.kind);
  const path =
    output ??
    (FOR_VIEWERS.has(format) && terminalColumns() !== undefined ? join(input.folder, `report.${format}`) : '-');
  const events = eventFormatOf(format, input.kind);
  const outputs = events === undefined ? undefined : await openOutputs(events, path);
  const interrupt = createInterrupt();
  try {
    const read = await readStory(input, {
      patterns,
      signal: interrupt.signal,
      warn: (text) => say(`warning: ${text}`),
      ...outputs?.ports,
    });
    const story = beside === undefined ? read : beside(read);
    const stopped = interrupt.exitCode();
    if (stopped !== undefined) return stopped;
    if (outputs !== undefined) outputs.close();
    else if (format !== 'sarif') {
      const text = documentOf(story, format);
      if (format === 'pdf') {
        const { printPdf } = await import('../run/report-pdf.ts');
        put(path, await printPdf(text, interrupt.signal));
      } else put(path, format === 'github' || path !== '-' ? text : withoutCommands(text));
      if (format === 'github') stepSummary(documentOf(story, 'markdown'));
    }
    if (path !== '-') say(`written to ${path}`);
    return EXIT.ok;
  } finally {
    outputs?.discard();
    interrupt.dispose();
  }
}

/** The baseline is read first, so that a wrong name costs no time. */
async function openBaseline(name: string, { format, metric }: Flags, kind: 'run' | 'recording') {
  const { besideBaseline } = await import('../run/report-comparison.ts');
  return besideBaseline(name, metric, format, kind);
}

interface EventOutputs {
  readonly ports: {
    readonly onEvent: (event: Event, about: About) => void;
    readonly onRecording: (file: string, bytes: number) => void;
  };
  close(): void;
  discard(): void;
}

/** Numbers go on over all recordings, since the order of events is by them alone. */
async function openOutputs(
  format: 'text' | 'json' | 'markdown' | 'junit' | 'sarif' | 'github',
  path: string,
): Promise<EventOutputs> {
  const { Outputs } = await import('./outputs.ts');
  const outputs: Outputs = new Outputs([{ format, path }], []);
  let seq = 0;
  return {
    ports: {
      onEvent: (event, about) => outputs.event({ ...event, seq: seq++ }, about),
      onRecording: (file, bytes) => outputs.log({ file, bytes }),
    },
    close: () => outputs.close(),
    discard: () => outputs.discard(),
  };
}

function put(path: string, content: string | Uint8Array): void {
  if (path === '-') {
    write(content);
    return;
  }
  let file: AtomicFile | undefined;
  try {
    file = new AtomicFile(path);
    file.write(content);
    file.commit();
  } catch (error) {
    file?.discard();
    throw new ExpectedError('usage', `${path} cannot be written: ${messageOf(error)}`, 'name another path with -o');
  }
}

/** GitHub drops a longer summary of a step (docs.github.com/actions, workflow commands). */
const MAX_STEP_SUMMARY = 1024 * 1024 - 1024;

function stepSummary(text: string): void {
  const path = process.env.GITHUB_STEP_SUMMARY;
  if (!path) return;
  try {
    appendFileSync(
      path,
      text.length <= MAX_STEP_SUMMARY / 4
        ? text
        : `${text.slice(0, MAX_STEP_SUMMARY / 4)}\n\n(There is more than a summary may hold.)\n`,
    );
  } catch (error) {
    say(`warning: the summary of the step could not be written: ${messageOf(error)}`);
  }
}
