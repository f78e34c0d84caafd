import type { Side } from '../model/measured-run.ts';
import { mannWhitney } from './mann-whitney.ts';
import { type Metric, RUNS_AS_SAMPLES } from './metrics.ts';
import { driftOf } from './trend.ts';

const LIMIT = 0.01;
/** Of a trend that is told. */
const DRIFTS = 0.001;
const MAX_NAMED = 3;

/** What somebody who reads the table has to know of it. */
export function notesOf(
  before: Side,
  after: Side,
  shared: readonly (readonly [Metric, Metric])[],
  family: number,
): string[] {
  const notes: string[] = [];
  if (shared.length === 0) return ['nothing was measured that both have'];
  const most = Math.max(...shared.map(([a, b]) => Math.min(a.samples.length, b.samples.length)));
  if (leastP(most) * family >= LIMIT)
    notes.push(
      `with ${counted(most, 'value')} a side and ${counted(family, 'row')} no p can be below ${LIMIT}: repeat at least ${neededFor(family)} times (--repeat), or look at fewer rows (--metric)`,
    );
  if (Math.min(before.runs.length, after.runs.length) < RUNS_AS_SAMPLES)
    notes.push(
      'the values of a side are of few boots: what differs from boot to boot looks like a change. Several runs of each, by turns, tell it apart (vexfs-trace ab)',
    );
  const drifting = shared.flatMap(([a, b]) =>
    [a, b].some(({ samples }) => driftOf(samples).p < DRIFTS / shared.length) ? [a.name] : [],
  );
  if (drifting.length > 0)
    notes.push(
      `values drift while they are measured (${drifting.slice(0, MAX_NAMED).join(', ')}${drifting.length > MAX_NAMED ? ` and ${drifting.length - MAX_NAMED} more` : ''}): they are no independent samples; run both by turns (vexfs-trace ab)`,
    );
  return notes;
}

/** The smallest p that so many values a side can give: all of one above all of the other. */
export function leastP(n: number): number {
  const low = Array.from({ length: Math.min(n, 30) }, (_, i) => i);
  return mannWhitney(
    low,
    low.map((value) => value + 1000),
  ).p;
}

function neededFor(family: number): number {
  for (let n = 2; n < 30; n++) if (leastP(n) * family < LIMIT) return n;
  return 30;
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}
