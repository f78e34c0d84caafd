import { join } from 'node:path';
import type { Command } from 'commander';
import pc from 'picocolors';
import { EXIT, ExpectedError } from '../base/errors.ts';
import { escapeTerminal, formatMs } from '../base/text.ts';
import { KeptRun } from './kept-run.ts';
import { OPTIONS } from './options.ts';
import { createPrinter, print, say, wantsColor } from './output.ts';
import { createInterrupt } from './signals.ts';

interface Flags {
  readonly kernel: string;
  readonly capture: string;
  /** False with --no-store. */
  readonly store?: string | boolean;
}

/** One fault of each class that a filesystem module can show, and what it must be recognised as. */
const STORY = [
  { fault: 'null-deref', what: 'an oops', expect: 'module-crash' },
  { fault: 'warn-text', what: 'a WARNING', expect: 'module-crash' },
  { fault: 'soft-lockup=30', what: 'a soft lockup', expect: 'system-hang' },
  { fault: 'abba-deadlock', what: 'a deadlock', expect: 'deadlock' },
  { fault: 'memory-hog', what: 'memory that runs out', expect: 'out-of-memory' },
  { fault: 'panic', what: 'a panic', expect: 'kernel-panic' },
] as const;

export function defineDemo(program: Command): void {
  program
    .command('demo')
    .description('boot a real guest, run the load, trigger six faults and watch each being recovered')
    .addOption(OPTIONS.kernel())
    .addOption(OPTIONS.store())
    .addOption(OPTIONS.noStore())
    .addOption(OPTIONS.config())
    .option('--capture <folder>', 'where the run is recorded', join('captures', 'demo'))
    .action(async (flags: Flags) => {
      process.exitCode = await runDemo(flags);
    });
}

async function runDemo(flags: Flags): Promise<number> {
  const { attach } = await import('../run/attach.ts');
  const { makeRoomForCapture } = await import('../run/capture-folder.ts');
  const colors = pc.createColors(wantsColor(process.stdout));
  const interrupt = createInterrupt();
  const started = performance.now();
  makeRoomForCapture(flags.capture);
  const printer = createPrinter('text');
  const closed = new Map<string, string>();
  const warn = (text: string) => say(`warning: ${text}`);
  const kept = new KeptRun(flags.store, ['demo'], flags.capture, warn);
  const attached = await attach(
    {
      kernel: flags.kernel,
      cpus: 2,
      load: { stress: true },
      captureDir: flags.capture,
      recover: true,
      trace: true,
      probes: true,
      patterns: [],
      command: ['demo'],
    },
    {
      onEvent: (event) => {
        if (event.event === 'incident' && event.kind === 'closed')
          closed.set(event.incident ?? '', escapeTerminal(event.title));
        kept.event(event);
        printer(event);
      },
      progress: say,
      warn,
      signal: interrupt.signal,
    },
  ).catch(async (error: unknown) => {
    await kept.close();
    throw error;
  });
  const rows: { what: string; ok: boolean; text: string }[] = [];
  try {
    for (const { fault, what, expect } of STORY) {
      if (interrupt.signal.aborted) break;
      print(colors.bold(`\n── ${what}: fault ${fault} ──`));
      const [result] = await attached.inject([fault]);
      const incident = result?.incident;
      closed.delete(incident?.incident ?? '');
      const ok = incident?.outcome === 'recovered' && incident.classification === expect;
      const text =
        incident === undefined
          ? 'nothing was reported'
          : `${incident.classification}, ${incident.outcome}: ${escapeTerminal(incident.title)}`;
      rows.push({ what, ok, text });
    }
  } finally {
    await attached.close();
    await kept.close();
    interrupt.dispose();
  }
  const code = interrupt.exitCode();
  if (code !== undefined) return code;
  print(colors.bold(`\nSummary after ${formatMs(performance.now() - started)}`));
  for (const { what, ok, text } of rows)
    print(`  ${ok ? colors.green('ok  ') : colors.red('FAIL')} ${what.padEnd(22)} ${text}`);
  for (const title of closed.values()) print(`  ${colors.yellow('also')} ${'not asked for'.padEnd(22)} ${title}`);
  print(`\nRecorded in ${flags.capture}. What now:`);
  print(`  bin/vexfs-trace report ${flags.capture} -o demo.html    a page of it`);
  print(`  bin/vexfs-trace replay ${flags.capture}    the same events from the recording`);
  if (flags.store !== false) print('  bin/vexfs-trace runs show last    what the store keeps of it');
  const failed = rows.filter(({ ok }) => !ok).length;
  if (failed > 0)
    throw new ExpectedError(
      'guest',
      `${failed} of ${rows.length} faults were not recognised and recovered`,
      'look at the output above',
    );
  return EXIT.ok;
}
