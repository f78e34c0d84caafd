import type { RunReport } from './run-report.ts';
import type { Verdict } from './test-run.ts';

/** Figures that a run is judged by as a whole. */
export interface RunFigures {
  /** Of what was planned and can run here: carried through to a verdict on the code, ratio. */
  readonly completed: number;
  readonly incidents: number;
  readonly recovered: number;
  /** Faults put in on purpose, and those of them that were noticed, named and mended. */
  readonly faults: number;
  readonly faultsMastered: number;
  /** Median and longest of the recoveries, beyond the boot; undefined without any. */
  readonly recoveryMs?: { readonly median: number; readonly worst: number };
  /** What nobody put in, of tests and between them: of the code under test, or false. */
  readonly findings: readonly string[];
}

const CARRIED: ReadonlySet<Verdict> = new Set(['PASS', 'FAIL', 'DONE']);

export function figuresOf({ tests, planned, strays }: RunReport): RunFigures {
  const skipped = tests.filter(({ verdict }) => verdict === 'SKIP').length;
  const carried = tests.filter(({ verdict }) => CARRIED.has(verdict)).length;
  const incidents = tests.flatMap((row) => row.incidents);
  const faults = tests.filter(({ fault, verdict }) => fault !== undefined && verdict !== 'SKIP');
  const times = incidents.map(({ beyondBootMs }) => beyondBootMs).toSorted((a, b) => a - b);
  const worst = times.at(-1);
  return {
    completed: planned === skipped ? 1 : carried / (planned - skipped),
    incidents: incidents.length,
    recovered: incidents.filter(({ outcome }) => outcome === 'recovered').length,
    faults: faults.length,
    faultsMastered: faults.filter(({ verdict }) => verdict === 'PASS').length,
    ...(worst !== undefined && { recoveryMs: { median: times[times.length >> 1] ?? worst, worst } }),
    findings: [...new Set([...tests.flatMap(({ unexpected }) => unexpected), ...strays])],
  };
}
