import type { EngineName, Need, Probe } from './probe.ts';

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
  /** Has the kernel types of its own (/sys/kernel/btf/vmlinux)? */
  readonly btf?: boolean | null;
  /** Names of network interfaces. */
  readonly interfaces?: ReadonlySet<string> | null;
  /** Programs and libraries that building objects takes and that are not there; null where objects cannot be run at all. */
  readonly lacksToBuild?: readonly string[] | null;
  /** May BPF programs be loaded? */
  readonly privileged?: boolean | null;
}

export interface ProbeCheck {
  readonly probe: Probe;
  readonly runs: boolean;
  /** A sentence for each need that is not met. */
  readonly missing: readonly string[];
  /** Needs that nobody could look up: the probe may fail to attach. */
  readonly unknown: readonly string[];
}

/** Whether a probe can run there, with a sentence for each reason why not. */
export function checkProbe(probe: Probe, has: TraceCapabilities): ProbeCheck {
  const missing = has.privileged === false ? [PRIVILEGE] : [];
  missing.push(...ENGINES[probe.engine](has));
  const unknown: string[] = [];
  const lacking = new Map<Need['kind'], string[]>();
  for (const need of probe.needs) {
    const met =
      need.kind === 'kprobe' ? canProbe([need.name, ...(need.or ?? [])], has) : LOOKUPS[need.kind](need.name, has);
    if (met === null) unknown.push(`${need.kind} ${need.name}`.trimEnd());
    else if (!met) lacking.set(need.kind, [...(lacking.get(need.kind) ?? []), need.name]);
  }
  for (const [kind, names] of lacking) missing.push(LACKS[kind](names.join(', '), names.length > 1 ? 's' : ''));
  return { probe, runs: missing.length === 0, missing, unknown };
}

export const PRIVILEGE = 'loading BPF programs takes root (CAP_BPF, CAP_PERFMON, for interfaces CAP_NET_ADMIN)';

export const NO_BTF = 'the kernel has no types of its own (BTF, CONFIG_DEBUG_INFO_BTF)';

const ENGINES: Readonly<Record<EngineName, (has: TraceCapabilities) => string[]>> = {
  bpftrace: (has) => (has.bpftrace === null ? ['bpftrace is not installed there'] : []),
  core: ({ lacksToBuild }) =>
    lacksToBuild === null
      ? ['compiled objects run on this machine only']
      : (lacksToBuild ?? []).map((name) => `${name} is not installed there`),
};

/** A kernel may be asked for KPROBES before the list of functions, which is megabytes long. */
function canProbe(names: readonly string[], { config, functions }: TraceCapabilities): boolean | null {
  if (config?.has('CONFIG_KPROBES') === false) return false;
  return functions === null ? null : names.some((name) => functions.has(name));
}

const LOOKUPS: Readonly<
  Record<Exclude<Need['kind'], 'kprobe'>, (name: string, has: TraceCapabilities) => boolean | null>
> = {
  event: (name, has) => has.events?.has(name) ?? null,
  config: (name, has) => has.config?.has(name) ?? null,
  version: (name, has) => (has.bpftrace === null ? false : atLeastVersion(has.bpftrace, name)),
  btf: (_, has) => has.btf ?? null,
  // Which one is named when it runs.
  interface: (_, has) => (has.interfaces ? has.interfaces.size > 0 : null),
};

const LACKS: Readonly<Record<Need['kind'], (names: string, plural: string) => string>> = {
  event: (names, s) =>
    `the kernel has no event${s} ${names}${names.includes('vexfs:') ? ' (is the module loaded?)' : ''}`,
  kprobe: (names, s) => `the kernel cannot probe the function${s} ${names}`,
  config: (names) => `the kernel was built without ${names}`,
  version: (names) => `bpftrace is older than ${names}`,
  btf: () => NO_BTF,
  interface: () => 'there is no network interface',
};

export function atLeastVersion(have: string, want: string): boolean {
  const [a, b] = [have, want].map((version) => (version.match(/\d+/g) ?? []).map(Number));
  for (let i = 0; i < 3; i++) {
    const difference = (a?.[i] ?? 0) - (b?.[i] ?? 0);
    if (difference !== 0) return difference > 0;
  }
  return true;
}
