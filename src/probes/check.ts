import type { Need, Probe } from './probe.ts';

/** What is known of the machine that the probes shall run on; null where nobody looked. */
export interface TraceCapabilities {
  /** bpftrace's version, as `0.17.0`; null when there is none. */
  readonly bpftrace: string | null;
  /** Lines of tracefs `available_events`, as `vexfs:op_end`. The module's own appear when it is loaded. */
  readonly events: ReadonlySet<string> | null;
  /** Names in tracefs `available_filter_functions`. */
  readonly functions: ReadonlySet<string> | null;
  /** `CONFIG_*` of the kernel that are `y` or `m`. */
  readonly config: ReadonlySet<string> | null;
}

export interface ProbeCheck {
  readonly probe: Probe;
  readonly runs: boolean;
  /** A sentence for each need that is not met. */
  readonly missing: readonly string[];
  /** Needs that nobody could look up: the probe may fail to attach. */
  readonly unknown: readonly string[];
}

/** Whether each probe can run there. Without bpftrace none can. */
export function checkProbe(probe: Probe, has: TraceCapabilities): ProbeCheck {
  const missing: string[] = has.bpftrace === null ? ['bpftrace is not installed there'] : [];
  const unknown: string[] = [];
  for (const need of probe.needs) {
    const met = LOOKUPS[need.kind](need.name, has);
    if (met === null) unknown.push(`${need.kind} ${need.name}`);
    else if (!met) missing.push(LACKS[need.kind](need.name));
  }
  return { probe, runs: missing.length === 0, missing, unknown };
}

const LOOKUPS: Readonly<Record<Need['kind'], (name: string, has: TraceCapabilities) => boolean | null>> = {
  event: (name, has) => has.events?.has(name) ?? null,
  // A kernel may be asked for KPROBES before the list of functions, which is megabytes long.
  kprobe: (name, has) => (has.config?.has('CONFIG_KPROBES') === false ? false : (has.functions?.has(name) ?? null)),
  config: (name, has) => has.config?.has(name) ?? null,
  version: (name, has) => (has.bpftrace === null ? false : atLeastVersion(has.bpftrace, name)),
};

const LACKS: Readonly<Record<Need['kind'], (name: string) => string>> = {
  event: (name) => `the kernel has no event ${name}${name.startsWith('vexfs:') ? ' (is the module loaded?)' : ''}`,
  kprobe: (name) => `the kernel cannot probe the function ${name}`,
  config: (name) => `the kernel was built without ${name}`,
  version: (name) => `bpftrace is older than ${name}`,
};

export function atLeastVersion(have: string, want: string): boolean {
  const [a, b] = [have, want].map((version) => (version.match(/\d+/g) ?? []).map(Number));
  for (let i = 0; i < 3; i++) {
    const difference = (a?.[i] ?? 0) - (b?.[i] ?? 0);
    if (difference !== 0) return difference > 0;
  }
  return true;
}
