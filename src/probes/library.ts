import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseProbe } from './header.ts';
import { lintProbe, lintTogether } from './lint.ts';
import type { Probe } from './probe.ts';

export interface ProbeLibrary {
  readonly probes: readonly Probe[];
  /** `file:line: message`; a probe with a wrong header is not among the probes. */
  readonly problems: readonly string[];
}

/** Loads every `*.bt` of a directory, in the order of names. A directory that is not there is an empty library with a problem. */
export function loadProbes(directory: string): ProbeLibrary {
  const probes: Probe[] = [];
  const problems: string[] = [];
  for (const file of listPrograms(directory, problems)) {
    const { probe, problems: found } = parseProbe(file.slice(0, -3), readFileSync(join(directory, file), 'utf8'));
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
      .filter((file) => file.endsWith('.bt'))
      .sort();
  } catch {
    problems.push(`${directory}: no such directory of probes`);
    return [];
  }
}
