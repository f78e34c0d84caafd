import { ExpectedError } from '../base/errors.ts';
import { output } from './output.ts';
import { type Spawn, spawnLocal } from './spawn.ts';

/** What a bpftrace can do on its machine, from `--version` and `--info`. */
export interface BpftraceInfo {
  /** `0.17.0` */
  readonly version: string;
  /** By section and name as printed: `Probe types: kprobe` → `yes`. Empty when `--info` failed, which needs root. */
  readonly features: ReadonlyMap<string, string>;
}

export interface Requirements {
  /** The oldest version that will do. */
  readonly version?: string;
  /** Features that must be `yes`, as `Probe types: kprobe`. */
  readonly features?: readonly string[];
}

export interface InfoOptions {
  readonly bpftrace?: string;
  readonly spawn?: Spawn;
  /** `--info` tries each feature out: seconds in an emulated guest. Default 30 s. */
  readonly timeoutMs?: number;
}

/** Asks bpftrace about itself; null when there is none. */
export async function bpftraceInfo(options: InfoOptions = {}): Promise<BpftraceInfo | null> {
  const { bpftrace = 'bpftrace', spawn = spawnLocal, timeoutMs = 30_000 } = options;
  const version = parseVersion(await said(spawn, [bpftrace, '--version'], timeoutMs));
  if (version === null) return null;
  return { version, features: parseInfo(await said(spawn, [bpftrace, '--info'], timeoutMs)) };
}

/** stdout and stderr together: 0.17 reports on stderr, later versions on stdout. */
async function said(spawn: Spawn, argv: readonly string[], timeoutMs: number): Promise<string> {
  const { stdout, stderr } = await output(spawn, argv, { timeoutMs });
  return `${stdout}\n${stderr}`;
}

/** `bpftrace v0.17.0`, with a suffix in builds from git. */
export function parseVersion(text: string): string | null {
  return /^bpftrace v?(\d+\.\d+(?:\.\d+)?)/m.exec(text)?.[1] ?? null;
}

/** Sections at the line's start, `name: value` indented below (src/bpffeature.cpp, report). */
export function parseInfo(text: string): ReadonlyMap<string, string> {
  const features = new Map<string, string>();
  let section = '';
  for (const line of text.split('\n').slice(0, 1000)) {
    const found = /^ {2}(\S[^:]*(?::[a-z_]+)?): (.*)$/.exec(line);
    if (found) features.set(`${section}: ${found[1]}`, found[2] ?? '');
    else if (/^\S.*[^:]$/.test(line)) section = line;
  }
  return features;
}

/** A sentence for each requirement that is not met. A feature that bpftrace does not report is not held against it. */
export function unmet(info: BpftraceInfo, requirements: Requirements): string[] {
  const { version, features = [] } = requirements;
  const missing = features
    .filter((feature) => (info.features.get(feature) ?? 'yes').startsWith('no'))
    .map((feature) => `the kernel or this build lacks "${feature}"`);
  if (version !== undefined && compareVersions(info.version, version) < 0) {
    missing.unshift(`bpftrace is ${info.version}, ${version} is needed`);
  }
  return missing;
}

/** Throws what the user can act on when the requirements are not met. */
export async function demand(requirements: Requirements, options: InfoOptions = {}): Promise<BpftraceInfo> {
  const info = await bpftraceInfo(options);
  const name = options.bpftrace ?? 'bpftrace';
  if (!info) throw new ExpectedError('missing', `${name} cannot be run`, 'install the package bpftrace');
  const [first] = unmet(info, requirements);
  if (first !== undefined) throw new ExpectedError('missing', `the probes cannot run: ${first}`);
  return info;
}

function compareVersions(a: string, b: string): number {
  const [left, right] = [a, b].map((version) => version.split('.').map(Number));
  for (let i = 0; i < 3; i++) {
    const difference = (left?.[i] ?? 0) - (right?.[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
