import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parseProbe } from './header.ts';
import { lintProbe, lintTogether } from './lint.ts';
import type { EngineName, Probe } from './probe.ts';

export interface ProbeLibrary {
  readonly probes: readonly Probe[];
  /** `file:line: message`; a probe with a wrong header is not among the probes. */
  readonly problems: readonly string[];
}

/** Endings of programs and what runs them. */
const ENGINES: readonly (readonly [string, EngineName])[] = [
  ['.bt', 'bpftrace'],
  ['.bpf.c', 'core'],
];

/** The engine and the name of a probe in a file of that name; null when it is none. */
export function probeOfFile(file: string): { readonly name: string; readonly engine: EngineName } | null {
  const found = ENGINES.find(([ending]) => file.endsWith(ending));
  return found ? { name: basename(file).slice(0, -found[0].length), engine: found[1] } : null;
}

/** Loads every `*.bt` and `*.bpf.c` of a directory, in the order of names. A directory that is not there is an empty library with a problem. */
export function loadProbes(directory: string): ProbeLibrary {
  const probes: Probe[] = [];
  const problems: string[] = [];
  for (const file of listPrograms(directory, problems)) {
    const { name, engine } = probeOfFile(file) ?? { name: file, engine: 'bpftrace' as const };
    const { probe, problems: found } = parseProbe(name, readFileSync(join(directory, file), 'utf8'), engine);
    if (probe) probes.push(probe);
    for (const { line, message } of [...found, ...(probe ? lintProbe(probe) : [])])
      problems.push(`${file}:${line}: ${message}`);
  }
  problems.push(...lintTogether(probes));
  return { probes, problems };
}

function listPrograms(directory: string, problems: string[]): string[] {
  try {
    return readdirSync(directory)
      .filter((file) => probeOfFile(file) !== null)
      .sort();
  } catch {
    problems.push(`${directory}: no such directory of probes`);
    return [];
  }
}
