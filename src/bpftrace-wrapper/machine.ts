import { ExpectedError } from '../base/errors.ts';
import { output } from './output.ts';
import { type Spawn, spawnLocal } from './spawn.ts';

/** What a program needs of the machine besides bpftrace itself. */
export interface MachineNeeds {
  /** `sched:sched_switch` */
  readonly events: readonly string[];
  readonly kprobes: boolean;
  /** fentry, fexit, kfunc, iter: types of the kernel. */
  readonly btf: boolean;
}

/** What there is, as one look at /proc and /sys shows. */
export interface Machine {
  readonly bpftrace: boolean;
  readonly uid: number;
  /** Effective capabilities, a bit each (include/uapi/linux/capability.h). */
  readonly capabilities: bigint;
  readonly tracefs: boolean;
  readonly kprobes: boolean;
  readonly btf: boolean;
  /** `none`, `integrity`, `confidentiality`; empty where the kernel has no lockdown. */
  readonly lockdown: string;
  /** Those of the needed events that are not there. */
  readonly missingEvents: readonly string[];
}

/** The needs that stand in a program's text. What attaches by a wildcard is not looked for. */
export function needsOf(program: string): MachineNeeds {
  const code = program.replace(/"(?:[^"\\]|\\.)*"?|\/\*[\s\S]*?(?:\*\/|$)|\/\/[^\n]*/g, ' ');
  const events = [...code.matchAll(/\b(?:tracepoint|t):(\w+):(\w+)(?![\w*])/g)].map(
    (found) => `${found[1]}:${found[2]}`,
  );
  return {
    events: [...new Set(events)],
    kprobes: /\b(?:kprobe|kretprobe):/.test(code),
    btf: /\b(?:fentry|fexit|kfunc|kretfunc|iter):/.test(code),
  };
}

/** One short shell where bpftrace shall run; nothing is started or changed. */
export async function lookAtMachine(
  needs: MachineNeeds,
  { bpftrace = 'bpftrace', spawn = spawnLocal }: { readonly bpftrace?: string; readonly spawn?: Spawn } = {},
): Promise<Machine> {
  const { stdout, end } = await output(spawn, ['sh', '-c', LOOK, 'sh', bpftrace, ...needs.events]);
  const facts = new Map(
    stdout
      .split('\n')
      .map((line): [string, string] => [line.split(' ', 1)[0] ?? '', line.slice(line.indexOf(' ') + 1)]),
  );
  if (!facts.has('uid')) {
    throw new ExpectedError(
      'missing',
      `nothing can be run where bpftrace shall run: ${end.error ?? `it ended with ${end.code ?? end.signal}`}`,
    );
  }
  return {
    bpftrace: facts.has('bpftrace'),
    uid: Number(facts.get('uid')),
    capabilities: BigInt(`0x${/^[\da-f]{1,16}$/.exec(facts.get('capabilities') ?? '')?.[0] ?? '0'}`),
    tracefs: facts.has('tracefs'),
    kprobes: facts.has('kprobes'),
    btf: facts.has('btf'),
    lockdown: /\[(\w+)\]/.exec(facts.get('lockdown') ?? '')?.[1] ?? '',
    missingEvents: stdout.split('\n').flatMap((line) => (line.startsWith('missing ') ? [line.slice(8)] : [])),
  };
}

const LOOK = `command -v "$1" >/dev/null && echo bpftrace
shift
echo uid "$(id -u)"
while read -r name value; do [ "$name" = CapEff: ] && echo capabilities "$value"; done </proc/self/status
[ -e /sys/kernel/btf/vmlinux ] && echo btf
[ -r /sys/kernel/security/lockdown ] && read -r modes </sys/kernel/security/lockdown && echo lockdown "$modes"
for trace in /sys/kernel/tracing /sys/kernel/debug/tracing; do [ -e $trace/events/enable ] && break; done
[ -e $trace/events/enable ] || exit 0
echo tracefs $trace
[ -e $trace/kprobe_events ] && echo kprobes
for event; do [ -e "$trace/events/\${event%%:*}/\${event#*:}" ] || echo missing "$event"; done
exit 0`;

const CAP_SYS_ADMIN = 21n;
const CAP_PERFMON = 38n;
const CAP_BPF = 39n;

type Check = (machine: Machine, needs: MachineNeeds) => string | null;

/** In this order, since one that is not met may be why the next is not. With what the user can do about it. */
const CHECKS: readonly (readonly [Check, string])[] = [
  [({ bpftrace }) => (bpftrace ? null : 'bpftrace is not installed there'), 'install the package bpftrace'],
  [({ uid }) => (uid === 0 ? null : `user ${uid} may not load BPF programs`), 'run it as root'],
  [
    ({ capabilities: has }) =>
      holds(has, CAP_SYS_ADMIN) || (holds(has, CAP_BPF) && holds(has, CAP_PERFMON))
        ? null
        : 'root has no CAP_BPF and CAP_PERFMON there, as in a container',
    'run it outside of the container, or start that with --cap-add SYS_ADMIN',
  ],
  [
    ({ lockdown }) =>
      lockdown === 'confidentiality' ? 'the kernel is locked down and lets nobody read its memory' : null,
    'boot without lockdown=confidentiality',
  ],
  [({ tracefs }) => (tracefs ? null : 'tracefs is not mounted'), 'mount -t tracefs nodev /sys/kernel/tracing'],
  [
    ({ kprobes }, needs) => (needs.kprobes && !kprobes ? 'the kernel has no kprobes' : null),
    'use tracepoints, or a kernel with CONFIG_KPROBE_EVENTS=y',
  ],
  [
    ({ btf }, needs) => (needs.btf && !btf ? 'the kernel does not describe its types (BTF)' : null),
    'use kprobes or tracepoints, or a kernel with CONFIG_DEBUG_INFO_BTF=y',
  ],
  [
    ({ missingEvents: [event] }) => (event === undefined ? null : `the kernel has no trace event ${event}`),
    'load the module that has it, or look for its name with: bpftrace -l',
  ],
];

/** The first thing in the way of the program, and the next step; null when it can be tried. */
export function obstacle(machine: Machine, needs: MachineNeeds): ExpectedError | null {
  for (const [check, step] of CHECKS) {
    const problem = check(machine, needs);
    if (problem !== null) return new ExpectedError('missing', `the probes cannot run: ${problem}`, step);
  }
  return null;
}

function holds(capabilities: bigint, capability: bigint): boolean {
  return ((capabilities >> capability) & 1n) === 1n;
}
