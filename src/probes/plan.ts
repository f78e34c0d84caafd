import { checkProbe, type ProbeCheck, type TraceCapabilities } from './check.ts';
import { fitProbe } from './fit.ts';
import { lintTogether } from './lint.ts';
import type { Probe } from './probe.ts';

export interface ProbePlan {
  readonly chosen: readonly Probe[];
  /** Those of the set that cannot run, and why. */
  readonly left: readonly ProbeCheck[];
  /** All chosen probes as one program: attaching takes seconds for each bpftrace, and a hundred megabytes. */
  readonly program: string;
}

/** The probes of a set that can run there, in the order of their names. */
export function planProbes(probes: readonly Probe[], has: TraceCapabilities, set = 'default'): ProbePlan {
  const checks = probes.filter((probe) => probe.sets.includes(set)).map((probe) => checkProbe(probe, has));
  const chosen = checks.filter((check) => check.runs).map((check) => fitProbe(check.probe, has));
  const left = checks.filter((check) => !check.runs);
  return { chosen, left, program: combine(chosen) };
}

/** One program of several. They must not share names of maps or tags. */
export function combine(probes: readonly Probe[]): string {
  const [conflict] = lintTogether(probes);
  if (conflict !== undefined) throw new Error(`probes cannot run as one: ${conflict}`);
  return probes.map((probe) => probe.text).join('\n');
}

/** The arguments to run the program in `file` on the machine where that path exists. */
export function bpftraceArgv(file: string, bpftrace = 'bpftrace'): string[] {
  return [bpftrace, '-f', 'json', file];
}
