import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { EXIT, ExpectedError } from '../base/errors.ts';
import type { RunReport } from '../model/run-report.ts';
import { exitCodeOf, WRITE } from './compare-output.ts';
import { print, say } from './output.ts';
import type { RunFlags } from './stress-options.ts';

type AtTheEnd = (report: RunReport, folder: string, flags: RunFlags) => number;

/** Reads the baseline of a run; what is returned compares with it when the run is over, and gives the exit code. */
export async function openBaseline(name: string): Promise<AtTheEnd> {
  const { compareRuns, readSide, sideOf } = await import('../run/compare-runs.ts');
  const baseline = readSide(name);
  return (report, folder, flags) => {
    const asked = { metrics: flags.metric, acrossMachines: false, gate: flags.failOnRegression };
    try {
      const comparison = compareRuns(baseline, [sideOf(report, folder)], asked);
      for (const [format, file] of [
        ['json', 'comparison.json'],
        ['markdown', 'comparison.md'],
      ] as const)
        writeFileSync(join(folder, file), WRITE[format](comparison));
      if (flags.format === 'text') print(`\n${WRITE.text(comparison)}`);
      say(`compared with ${name}: ${join(folder, 'comparison.md')}, comparison.json`);
      return exitCodeOf(comparison);
    } catch (error) {
      if (!(error instanceof ExpectedError)) throw error;
      // The run itself is over and has its results.
      say(`not compared with ${name}: ${error.message}${error.hint === undefined ? '' : `\n  next: ${error.hint}`}`);
      return EXIT[error.exit];
    }
  };
}
