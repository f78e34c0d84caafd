import { Command, CommanderError } from 'commander';
import { EXIT, ExpectedError } from '../base/errors.ts';
import { VERSION } from '../run/version.ts';
import { defineAlerts } from './alerts.ts';
import { defineAnalyze } from './analyze.ts';
import { defineAttach } from './attach.ts';
import { defineBaseline } from './baseline.ts';
import { defineAb, defineCompare } from './compare.ts';
import { defineConfig } from './config.ts';
import { applyConfiguration } from './configured.ts';
import { defineDemo } from './demo.ts';
import { defineDoctor } from './doctor.ts';
import { defineExplain } from './explain.ts';
import { defineExport } from './export.ts';
import { defineFault } from './fault.ts';
import { defineGenerate } from './generate.ts';
import { defineGuest } from './guest.ts';
import { say, terminalColumns, write } from './output.ts';
import { definePatterns } from './patterns.ts';
import { defineProbes } from './probes.ts';
import { defineRecovery } from './recovery.ts';
import { defineReplay } from './replay.ts';
import { defineReport } from './report.ts';
import { defineRuns } from './runs.ts';
import { defineServe } from './serve.ts';
import { defineRun, defineStress } from './stress.ts';

const COMMANDS = new Map([
  ['attach', defineAttach],
  ['stress', defineStress],
  ['run', defineRun],
  ['compare', defineCompare],
  ['ab', defineAb],
  ['baseline', defineBaseline],
  ['demo', defineDemo],
  ['analyze', defineAnalyze],
  ['replay', defineReplay],
  ['report', defineReport],
  ['runs', defineRuns],
  ['serve', defineServe],
  ['export', defineExport],
  ['patterns', definePatterns],
  ['explain', defineExplain],
  ['recovery', defineRecovery],
  ['probes', defineProbes],
  ['guest', defineGuest],
  ['fault', defineFault],
  ['config', defineConfig],
  ['doctor', defineDoctor],
  ['alerts', defineAlerts],
  ['generate', defineGenerate],
]);

const program = new Command('vexfs-trace')
  .description('Kernel tracing, crash detection and recovery for filesystem modules under stress.')
  .version(VERSION)
  .showHelpAfterError('(add --help for what can be given)')
  .showSuggestionAfterError()
  .exitOverride()
  // To ask standard output itself takes what is behind it to load.
  .configureOutput({ writeOut: write, getOutHelpWidth: () => terminalColumns() || 80, getOutHasColors: () => false })
  .addHelpText(
    'after',
    `
Examples:
  vexfs-trace demo                               a guest, six faults, six recoveries
  vexfs-trace attach --stress                    the module under load, watched until Ctrl-C
  vexfs-trace stress --level 2                   half an hour of tests, each with a verdict
  dmesg | vexfs-trace analyze -                  what this machine's kernel has reported
  vexfs-trace replay CAPTURE                     a recorded run again
  vexfs-trace report                             the newest run as a page

Exit codes: 0 nothing found, 1 findings, 2 usage, 3 something is missing here, 4 nothing ran, 5 guest failure`,
  );
// Describing them all takes a while; who names one first wants that one.
// What is generated is of all of them.
const named = process.argv[2] === 'generate' ? undefined : COMMANDS.get(process.argv[2] ?? '');
program.hook('preAction', (_, command) => applyConfiguration(command));
for (const define of named ? [named] : COMMANDS.values()) define(program);

program.parseAsync().catch((error) => {
  process.exitCode = report(error);
});

/** The one place where errors become words and exit codes. A bug keeps its stack. */
function report(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  if (error instanceof ExpectedError) {
    say(`vexfs-trace: ${error.message}`);
    if (error.hint !== undefined) say(`  next: ${error.hint}`);
    return EXIT[error.exit];
  }
  say(`vexfs-trace: internal error, please report it:\n${error instanceof Error ? error.stack : String(error)}`);
  return EXIT.guest;
}
