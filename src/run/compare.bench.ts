import { execFileSync } from 'node:child_process';
import { seeded, shuffled } from '../base/random.ts';
import { compareSides } from '../compare/compare.ts';
import { type Gate, parseGate } from '../compare/gate.ts';
import { ARCH_NAMES, isNative } from '../guest/arch.ts';
import { buildVexcheck } from '../guest/check-program.ts';
import type { Side } from '../model/measured-run.ts';

export interface CompareBench {
  readonly comparisons: number;
  /** Of them, those of the slower with the plain one in which a rule was broken; and of the plain one with itself. */
  readonly found: number;
  readonly alarms: number;
  /** Metrics that were found to be worse, a list for each comparison. */
  readonly worse: readonly (readonly string[])[];
  /** Metrics that were not, and were named all the same. */
  readonly falsely: readonly string[];
}

export interface CompareBenchOptions {
  readonly comparisons: number;
  /** Values a side. */
  readonly repeat: number;
  /** By how much calls are drawn out, percent. */
  readonly slow: number;
  /** Files of one value. */
  readonly ops: number;
  readonly gate: string;
  /** A folder on the filesystem that is measured. */
  readonly folder: string;
}

/**
 * Does a comparison find what was made slower, and nothing where nothing was? Real measurements of this machine: the check `speed`
 * as it is, once more as it is, and with every call drawn out, in an order that chance gives for each repetition.
 */
export function benchCompare(options: CompareBenchOptions): CompareBench {
  const { comparisons, repeat, slow, ops, folder } = options;
  const gate = parseGate(options.gate) as Gate;
  const program = buildVexcheck(ARCH_NAMES.find(isNative) ?? 'x86_64').from;
  const random = seeded(Date.now());
  const measure = (percent: number): Readonly<Record<string, unknown>> => {
    const args = ['run', 'speed', '--dir', folder, '--seed', '1', '--ops', String(ops), '--slow', String(percent)];
    const lines = execFileSync(program, args, { encoding: 'utf8' }).trim().split('\n');
    return JSON.parse(lines.at(-1) ?? '{}');
  };
  const worse: string[][] = [];
  const falsely: string[][] = [];
  for (let done = 0; done < comparisons; done++) {
    const sides = { plain: [], again: [], slower: [] } as Record<string, Readonly<Record<string, unknown>>[]>;
    for (let time = 0; time < repeat; time++)
      for (const name of shuffled(Object.keys(sides), random)) sides[name]?.push(measure(name === 'slower' ? slow : 0));
    const breaches = (name: string) =>
      compareSides(sideOf('plain', sides.plain ?? []), [sideOf(name, sides[name] ?? [])], { gate }).pairs.flatMap(
        (pair) => pair.breaches.map(({ metric }) => metric),
      );
    worse.push(breaches('slower'));
    falsely.push(breaches('again'));
  }
  const hits = (all: readonly (readonly string[])[]) => all.filter((metrics) => metrics.length > 0).length;
  return { comparisons, found: hits(worse), alarms: hits(falsely), worse, falsely: falsely.flat() };
}

function sideOf(name: string, samples: readonly Readonly<Record<string, unknown>>[]): Side {
  const tests = samples.map((figures, i) => ({
    ...{ id: `speed.${i + 1}`, verdict: 'PASS', reason: '', durationMs: 0, findings: [], incidents: [], figures },
  }));
  const run = { name, tool: '', started: '', command: [], guests: [], facts: new Map<string, string>(), tests };
  return { name, runs: [run] };
}
