import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { ExpectedError, messageOf } from '../base/errors.ts';
import { type CompareOptions, compareSides } from '../compare/compare.ts';
import { type Gate, metricFilter, parseGate } from '../compare/gate.ts';
import { parityOf } from '../compare/parity.ts';
import { readRun } from '../compare/read-run.ts';
import type { Comparison, Parity } from '../model/comparison.ts';
import type { MeasuredRun, Side } from '../model/measured-run.ts';
import { baselineFile } from './baselines.ts';

export type { Gate } from '../compare/gate.ts';

const SUMMARY = 'summary.json';
/** A summary that is larger is none of ours. */
const MAX_BYTES = 256 * 2 ** 20;
const MAX_RUNS = 1000;

/** A gate as it was written, or an error that points at the place. */
export function readGate(text: string): Gate {
  const gate = parseGate(text);
  if ('rules' in gate) return gate;
  throw new ExpectedError(
    'usage',
    `--fail-on-regression cannot be read: ${gate.message}\n    ${text}\n    ${' '.repeat(gate.at)}^`,
    "write it like 'p<0.01,delta>5%'",
  );
}

export interface Asked extends Pick<CompareOptions, 'gate' | 'seed'> {
  /** Metrics by name, `*` for any text; all when empty. */
  readonly metrics: readonly string[];
  /** A gate judges figures of two machines, too. */
  readonly acrossMachines: boolean;
}

/** Compares runs with the first of them. */
export function compareRuns(baseline: Side, others: readonly Side[], asked: Asked): Comparison {
  const { metrics, acrossMachines, ...options } = asked;
  const wanted = metrics.length === 0 ? {} : { wanted: metricFilter(metrics) };
  const comparison = compareSides(baseline, others, { ...options, ...wanted });
  if (asked.gate === undefined) return comparison;
  const unlike = comparison.pairs.flatMap((pair) => pair.unlike);
  const first = unlike[0];
  if (first !== undefined && !acrossMachines)
    throw new ExpectedError(
      'usage',
      `these are runs of two machines (${first.what}: ${first.before}, ${first.after}): no gate can judge that`,
      'compare runs of one machine, or say --across-machines',
    );
  if (comparison.pairs.every(({ rows }) => rows.length === 0))
    throw new ExpectedError(
      'nothingRan',
      'there is nothing to judge: no metric is in both runs',
      'measure something, such as: stress --test speed --repeat 10',
    );
  return comparison;
}

export function parityOfRuns(a: Side, b: Side, asked: Asked): Parity {
  return parityOf(a, b, compareRuns(a, [b], asked));
}

/** One side: a summary, the folder of a run, a folder of such folders, or the name of a baseline. */
export function readSide(path: string): Side {
  if (!existsSync(path)) {
    const kept = baselineFile(path);
    if (kept !== undefined && existsSync(kept)) return { name: path, runs: [readSummary(kept, path)] };
    throw new ExpectedError(
      'usage',
      `${path} is no run, and no baseline has that name`,
      'name the folder of a run, its summary.json, or a baseline (vexfs-trace baseline list)',
    );
  }
  if (!statSync(path).isDirectory()) return { name: path, runs: [readSummary(path, path)] };
  const own = join(path, SUMMARY);
  if (existsSync(own)) return { name: path, runs: [readSummary(own, path)] };
  const runs = readdirSync(path)
    .map((name) => join(path, name))
    .filter((folder) => existsSync(join(folder, SUMMARY)))
    .slice(0, MAX_RUNS)
    .map((folder) => readSummary(join(folder, SUMMARY), folder))
    .toSorted((a, b) => (a.started < b.started ? -1 : a.started > b.started ? 1 : 0));
  if (runs.length > 0) return { name: path, runs };
  const begun = existsSync(join(path, 'journal.ndjson'));
  throw new ExpectedError(
    'usage',
    begun ? `the run in ${path} is not over` : `${path} holds no run`,
    begun ? `end it: vexfs-trace stress --resume ${path}` : `name a folder with a ${SUMMARY}`,
  );
}

/** A run that has just ended, as a side. */
export function sideOf(report: unknown, name: string): Side {
  const run = readRun(report, name);
  if ('problem' in run) throw new Error(run.problem);
  return { name, runs: [run] };
}

function readSummary(file: string, name: string): MeasuredRun {
  const run = readRun(parse(file), name);
  if ('problem' in run) throw new ExpectedError('usage', `${file} is no summary of a run: ${run.problem}`);
  return run;
}

function parse(file: string): unknown {
  try {
    const { size } = statSync(file);
    if (size > MAX_BYTES) throw new Error(`it has ${size} bytes, more than ${MAX_BYTES}`);
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new ExpectedError('usage', `${file} cannot be read: ${messageOf(error)}`);
  }
}
