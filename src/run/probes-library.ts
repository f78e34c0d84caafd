import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ExpectedError, messageOf } from '../base/errors.ts';
import { didYouMean } from '../base/text.ts';
import { packageRoot } from '../guest/paths.ts';
import {
  checkProbe,
  lintDangers,
  lintProbe,
  loadProbes,
  type Probe,
  type ProbeCheck,
  parseProbe,
  probeOfFile,
  type TraceCapabilities,
} from '../probes/index.ts';
import { bootGuest } from './guest-command.ts';
import { capabilitiesHere, capabilitiesOf } from './probes-capability.ts';

/** A probe with what is wrong in its file: `file:line: message`. */
export interface ReadProbe {
  readonly probe: Probe;
  readonly problems: readonly string[];
}

export interface CheckedProbe extends ProbeCheck {
  readonly problems: readonly string[];
}

/** The probes that come with the program. One with a broken header would be a bug of the package. */
export function builtInProbes(): readonly Probe[] {
  const { probes, problems } = loadProbes(join(packageRoot(), 'probes'));
  if (problems.length > 0) throw new Error(`probes: ${problems.join('; ')}`);
  return probes;
}

/** Probes by name, or by the path of a file, which needs no header: what has none is not known to need anything. */
export function findProbes(names: readonly string[], files: readonly string[] = []): ReadProbe[] {
  const all = builtInProbes();
  const isFile = (name: string) => probeOfFile(name) !== null;
  return [
    ...names.filter((name) => !isFile(name)).map((name) => ({ probe: byName(all, name), problems: [] })),
    ...[...names.filter(isFile), ...files].map(readProbe),
  ];
}

function byName(all: readonly Probe[], name: string): Probe {
  const found = all.find((probe) => probe.name === name);
  if (found) return found;
  const names = all.map((probe) => probe.name);
  const near = didYouMean(name, names);
  throw new ExpectedError(
    'usage',
    `there is no probe "${name}"${near === undefined ? '' : `, did you mean "${near}"?`}`,
    'vexfs-trace probes list shows them; a file of yours ends in .bt or .bpf.c',
  );
}

function readProbe(file: string): ReadProbe {
  const kind = probeOfFile(file);
  if (!kind) throw new ExpectedError('usage', `${file} is no probe: its name must end in .bt or .bpf.c`);
  const text = readText(file);
  const { probe, problems } = parseProbe(kind.name, text, kind.engine);
  const bare = { ...kind, title: '', needs: [], maps: [], records: [], sets: [], cost: 'medium', text } as const;
  const hasHeader = /^\s*(?:\/\/[^\n]*\n)?\/\*\s*\n\s*\*\s*\S+ - /.test(text);
  // Without a header it is a program like any other; only what is dangerous counts.
  const found = probe ? lintProbe(probe) : [...(hasHeader ? problems : []), ...lintDangers(text)];
  return {
    probe: probe ?? { ...bare, costReason: 'not stated' },
    problems: found.map(({ line, message }) => `${file}:${line}: ${message}`),
  };
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new ExpectedError('usage', `${file} cannot be read: ${messageOf(error)}`);
  }
}

/** What each needs and whether it is there, on this machine or, when a kernel is named, in a guest that is booted for it. */
export async function checkProbes(
  probes: readonly ReadProbe[],
  options: { readonly kernel?: string; readonly progress: (message: string) => void; readonly signal?: AbortSignal },
): Promise<CheckedProbe[]> {
  const has = options.kernel === undefined ? capabilitiesHere() : await capabilitiesOfKernel(options.kernel, options);
  return probes.map(({ probe, problems }) => ({ ...checkProbe(probe, has), problems }));
}

async function capabilitiesOfKernel(
  kernel: string,
  options: { readonly progress: (message: string) => void; readonly signal?: AbortSignal },
): Promise<TraceCapabilities> {
  const booted = await bootGuest({ ...options, kernel, cpus: 2 }, () => {}, { keepControl: true });
  try {
    return await capabilitiesOf(booted.guest.control, booted.kernel, booted.hasTools);
  } finally {
    await booted.guest.close();
  }
}
