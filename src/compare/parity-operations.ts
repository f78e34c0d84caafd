import type { ParityMetric, ParityOperation } from '../model/comparison.ts';
import type { MeasuredTest, Side } from '../model/measured-run.ts';
import { testName } from './metrics.ts';

const MAX_OPERATIONS = 200;

/** Of tests that did the same with both, how many had the same answers to all their calls. */
export interface Answers {
  readonly compared: number;
  /** Tests in which they were not, by name. */
  readonly different: readonly string[];
}

/** Calls with the same seed, as many of them, and what came back as a digest: of tests that have all of that in both. */
export function answersOf(a: Side, b: Side): Answers {
  const others = new Map(testsOf(b).map((test) => [test.id, test.figures] as const));
  let compared = 0;
  const different = new Set<string>();
  for (const { id, figures } of testsOf(a)) {
    const other = others.get(id);
    if (typeof figures.digest !== 'string' || typeof other?.digest !== 'string') continue;
    if (figures.seed !== other.seed || figures.ops !== other.ops) continue;
    compared += 1;
    if (figures.digest !== other.digest) different.add(testName({ id }));
  }
  return { compared, different: [...different] };
}

/**
 * Operations that either side has called, with how often, whether all tests that use one came to the same in both (`unlike`: those that did
 * not), and how many times as fast b answers.
 */
export function operationsOf(
  a: Side,
  b: Side,
  unlike: ReadonlySet<string>,
  metrics: readonly ParityMetric[],
): ParityOperation[] {
  const [of, against] = [callsOf(a), callsOf(b)];
  return [...new Set([...of.keys(), ...against.keys()])].slice(0, MAX_OPERATIONS).map((operation) => {
    const [one, other] = [of.get(operation), against.get(operation)];
    const tests = [...new Set([...(one?.tests ?? []), ...(other?.tests ?? [])])];
    const differs = tests.filter((test) => unlike.has(test));
    const ratios = metrics.filter(({ metric }) => isMedianOf(metric, operation)).map(({ ratio }) => ratio);
    return {
      ...{ operation, a: one?.count ?? 0, b: other?.count ?? 0, differs },
      same: one !== undefined && other !== undefined && differs.length === 0,
      ratio: geometricMean(ratios),
    };
  });
}

export function geometricMean(ratios: readonly number[]): number | null {
  const usable = ratios.filter((ratio) => Number.isFinite(ratio) && ratio > 0);
  if (usable.length === 0) return null;
  return Math.exp(usable.reduce((sum, ratio) => sum + Math.log(ratio), 0) / usable.length);
}

interface Calls {
  count: number;
  readonly tests: Set<string>;
}

function callsOf(side: Side): Map<string, Calls> {
  const calls = new Map<string, Calls>();
  for (const test of testsOf(side)) {
    const { latencyUs } = test.figures;
    if (typeof latencyUs !== 'object' || latencyUs === null) continue;
    for (const [operation, latencies] of Object.entries(latencyUs)) {
      const { count } = (latencies ?? {}) as { readonly count?: unknown };
      const known = calls.get(operation) ?? { count: 0, tests: new Set() };
      if (typeof count === 'number' && Number.isFinite(count)) known.count += count;
      calls.set(operation, { count: known.count, tests: known.tests.add(testName(test)) });
    }
  }
  return calls;
}

function testsOf({ runs }: Side): MeasuredTest[] {
  return runs.flatMap(({ tests }) => tests);
}

function isMedianOf(metric: string, operation: string): boolean {
  return metric.endsWith(`/${operation}/p50`);
}
