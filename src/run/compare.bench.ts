import { execFileSync } from 'node:child_process';
import { seeded, shuffled } from '../base/random.ts';
import { compareSides } from '../compare/compare.ts';
import { type Gate, metricFilter, parseGate } from '../compare/gate.ts';
import { ascending, medianOf } from '../compare/order.ts';
import { ARCH_NAMES, isNative } from '../guest/arch.ts';
import { buildVexcheck } from '../guest/check-program.ts';
import type { PairComparison } from '../model/comparison.ts';
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
  /** How much slower each metric was measured to be, a ratio: the median of the comparisons. */
  readonly slowdown: Readonly<Record<string, number>>;
}

export interface CompareBenchOptions {
  readonly comparisons: number;
  /** Values a side. */
  readonly repeat: number;
  /** By how much calls are drawn out, percent. */
  readonly slow: number;
  readonly gate: string;
  /** Metrics that are compared: fewer rows leave more of p. */
  readonly metric: string;
  readonly seed?: number;
  /** One value: what the check `speed` says when calls are drawn out by so many percent. */
  readonly measure: (percent: number) => Promise<Figures>;
}

type Figures = Readonly<Record<string, unknown>>;

/**
 * Does a comparison find what was made slower, and nothing where nothing was? Real measurements: the check `speed` as it is, once more
 * as it is, and with calls or operations drawn out, in an order that chance gives for each repetition. `seed`: of that order.
 */
export async function benchCompare(options: CompareBenchOptions): Promise<CompareBench> {
  const { comparisons, repeat, slow, measure } = options;
  const gate = parseGate(options.gate) as Gate;
  const wanted = metricFilter([options.metric]);
  const random = seeded(options.seed ?? Date.now());
  const worse: string[][] = [];
  const falsely: string[][] = [];
  const deltas = new Map<string, number[]>();
  for (let done = 0; done < comparisons; done++) {
    const sides = { plain: [], again: [], slower: [] } as Record<string, Figures[]>;
    for (let time = 0; time < repeat; time++)
      for (const name of shuffled(Object.keys(sides), random))
        sides[name]?.push(await measure(name === 'slower' ? slow : 0));
    const pairOf = (name: string) =>
      compareSides(sideOf('plain', sides.plain ?? []), [sideOf(name, sides[name] ?? [])], { gate, wanted }).pairs[0];
    const slower = pairOf('slower');
    worse.push(breachesIn(slower));
    falsely.push(breachesIn(pairOf('again')));
    for (const { metric, delta } of slower?.rows ?? []) deltas.set(metric, [...(deltas.get(metric) ?? []), delta]);
  }
  const hits = (all: readonly (readonly string[])[]) => all.filter((metrics) => metrics.length > 0).length;
  const slowdown = Object.fromEntries([...deltas].map(([metric, all]) => [metric, medianOf(ascending(all))]));
  return { comparisons, found: hits(worse), alarms: hits(falsely), worse, falsely: falsely.flat(), slowdown };
}

function breachesIn(pair: PairComparison | undefined): string[] {
  return pair?.breaches.map(({ metric }) => metric) ?? [];
}

/** What one run of the check takes, in a folder on the filesystem that is measured. */
export function speedArgs(folder: string, ops: number, percent: number): string[] {
  return ['run', 'speed', '--dir', folder, '--seed', '1', '--ops', String(ops), '--slow', String(percent)];
}

/** On this machine. */
export function measureHere(folder: string, ops: number): CompareBenchOptions['measure'] {
  const program = buildVexcheck(ARCH_NAMES.find(isNative) ?? 'x86_64').from;
  return async (percent) => figuresOf(execFileSync(program, speedArgs(folder, ops, percent), { encoding: 'utf8' }));
}

/** Of what the check has written. */
export function figuresOf(output: string): Figures {
  return JSON.parse(output.trim().split('\n').at(-1) ?? '{}');
}

function sideOf(name: string, samples: readonly Figures[]): Side {
  const tests = samples.map((figures, i) => ({
    ...{ id: `speed.${i + 1}`, verdict: 'PASS', reason: '', durationMs: 0, findings: [], incidents: [], figures },
  }));
  const run = { name, tool: '', started: '', command: [], guests: [], facts: new Map<string, string>(), tests };
  return { name, runs: [run] };
}
