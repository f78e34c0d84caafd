import { existsSync, readFileSync } from 'node:fs';
import { networkInterfaces, release } from 'node:os';
import { gunzipSync } from 'node:zlib';
import { runTool } from '../guest/command.ts';
import type { Kernel } from '../guest/kernel.ts';
import type { Control } from '../model/guest.ts';
import type { TraceCapabilities } from '../probes/index.ts';
import { lacksToBuild } from './probes-objects.ts';

const TRACING = '/sys/kernel/tracing';

/** What probes find on this machine; null where that cannot be read. */
export function capabilitiesHere(): TraceCapabilities {
  return {
    bpftrace: bpftraceVersion(),
    events: linesOf(readable(`${TRACING}/available_events`)),
    functions: functionsOf(readable(`${TRACING}/available_filter_functions`)),
    config: configOf(readable(`/boot/config-${release()}`) ?? unpacked('/proc/config.gz')),
    btf: existsSync('/sys/kernel/btf/vmlinux'),
    interfaces: interfacesHere(),
    lacksToBuild: lacksToBuild(),
    privileged: mayLoad(),
  };
}

/** What probes find in a guest whose agent answers. Its bpftrace is a copy of the one here. */
export async function capabilitiesOf(control: Control, kernel: Kernel, hasTools: boolean): Promise<TraceCapabilities> {
  return {
    bpftrace: hasTools ? bpftraceVersion() : null,
    events: linesOf(await wholeFile(control, `${TRACING}/available_events`)),
    functions: functionsOf(await wholeFile(control, `${TRACING}/available_filter_functions`)),
    config: configOf(kernel.config),
    lacksToBuild: null,
  };
}

/** The agent reads a mebibyte at a time; the list of functions is more. */
async function wholeFile(control: Control, path: string): Promise<string | null> {
  const parts: string[] = [];
  for (let offset = 0; offset < MAX_FILE; ) {
    const answer = await control.request('read', { path, max: 1 << 20, offset }, { timeoutMs: 60_000 });
    if (answer.status !== 0) return null;
    parts.push(answer.output);
    const size = Buffer.byteLength(answer.output);
    offset += size;
    if (answer.truncated !== true || size === 0) break;
  }
  return parts.join('');
}

const MAX_FILE = 64 << 20;

/** Not by `bpftraceInfo`: its `--info` takes a second and root, and nothing in a header asks for what it says. */
function bpftraceVersion(): string | null {
  try {
    return /v?(\d+\.\d+\.\d+)/.exec(runTool('bpftrace', ['--version']).toString())?.[1] ?? null;
  } catch {
    return null;
  }
}

function linesOf(text: string | null): ReadonlySet<string> | null {
  return text === null ? null : new Set(text.split('\n').filter((line) => line !== ''));
}

/** `name` or `name [module]`. A kernel that lists none cannot say, and one that may not be asked neither. */
function functionsOf(text: string | null): ReadonlySet<string> | null {
  const names = linesOf(text);
  return names === null || names.size === 0 ? null : new Set([...names].map((line) => line.split(' ', 1)[0] ?? ''));
}

function configOf(text: string | null): ReadonlySet<string> | null {
  return text === null ? null : new Set([...text.matchAll(/^(CONFIG_\w+)=[ym]$/gm)].map((match) => match[1] ?? ''));
}

function readable(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}

function unpacked(path: string): string | null {
  try {
    return gunzipSync(readFileSync(path)).toString();
  } catch {
    return null;
  }
}

/** Those without an address as well, which Node leaves out. */
function interfacesHere(): ReadonlySet<string> {
  const names = [...(readable('/proc/net/dev') ?? '').matchAll(/^\s*(\S+):/gm)].map((match) => match[1] ?? '');
  return new Set(names.length > 0 ? names : Object.keys(networkInterfaces()));
}

/** CAP_SYS_ADMIN, or since 5.8 CAP_BPF and CAP_PERFMON (linux/capability.h). */
function mayLoad(): boolean | null {
  const [, set] = /^CapEff:\s*([0-9a-f]+)$/m.exec(readable('/proc/self/status') ?? '') ?? [];
  if (set === undefined) return null;
  const has = (bit: bigint) => ((BigInt(`0x${set}`) >> bit) & 1n) === 1n;
  const [SYS_ADMIN, PERFMON, BPF] = [21n, 38n, 39n];
  return has(SYS_ADMIN) || (has(BPF) && has(PERFMON));
}
