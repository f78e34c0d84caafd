import type { CrashRow } from '../model/comparison.ts';
import type { MeasuredTest, Side } from '../model/measured-run.ts';
import { testName } from './metrics.ts';

const MAX_TITLES = 1000;

/** Findings by title: which are new, which both have, which are gone. Faults that were put in on purpose are left out. */
export function crashesOf(before: Side, after: Side): CrashRow[] {
  const [old, fresh] = [before, after].map(({ runs }) => runs.flatMap(({ tests }) => tests.filter(isOwn)));
  if (old === undefined || fresh === undefined) return [];
  const [hitsBefore, hitsAfter] = [hitsOf(old), hitsOf(fresh)];
  const titles = [...new Set([...hitsAfter.keys(), ...hitsBefore.keys()])].slice(0, MAX_TITLES);
  const [timesBefore, timesAfter] = [timesOf(old), timesOf(fresh)];
  return titles.map((title): CrashRow => {
    const [was, is] = [hitsBefore.get(title) ?? [], hitsAfter.get(title) ?? []];
    const where = new Set([...was, ...is]);
    const times = (of: ReadonlyMap<string, number>) => [...where].reduce((sum, name) => sum + (of.get(name) ?? 0), 0);
    const [b, a] = [times(timesBefore), times(timesAfter)];
    return {
      title,
      status: was.length === 0 ? 'new' : is.length === 0 ? 'gone' : 'known',
      flaky: (was.length > 0 && was.length < b) || (is.length > 0 && is.length < a),
      before: [was.length, b],
      after: [is.length, a],
    };
  });
}

function isOwn({ verdict }: MeasuredTest): boolean {
  return verdict !== 'SKIP';
}

/** Of each title, the names of tests that had it, once for each time. */
function hitsOf(tests: readonly MeasuredTest[]): Map<string, string[]> {
  const hits = new Map<string, string[]>();
  for (const test of tests)
    for (const title of new Set(test.findings)) {
      const known = hits.get(title);
      if (known === undefined) hits.set(title, [testName(test)]);
      else known.push(testName(test));
    }
  return hits;
}

function timesOf(tests: readonly MeasuredTest[]): Map<string, number> {
  const times = new Map<string, number>();
  for (const test of tests) times.set(testName(test), (times.get(testName(test)) ?? 0) + 1);
  return times;
}
