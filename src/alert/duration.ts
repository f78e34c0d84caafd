import { formatMs } from '../base/text.ts';
import type { Condition, Holding } from './condition.ts';
import type { When } from './rule-schema.ts';

/** So many attempts of a test make a baseline where there is no other. */
const ENOUGH = 3;
const MAX_REMEMBERED = 50;
const MAX_TESTS = 2000;

/** Milliseconds that tests took in other runs, by name. */
export type Baseline = ReadonlyMap<string, number>;

interface Running {
  readonly test: string;
  readonly since: number;
}

/**
 * A test that takes a multiple of what it took: in the baseline, else the median of earlier attempts of the same run. One that is
 * still under way is noticed when its time is over; it holds until the test takes its usual time again.
 */
export function duration({ above }: NonNullable<When['duration']>, baseline: Baseline): Condition {
  const earlier = new Map<string, number[]>();
  const running = new Map<string, Running>();
  const slow = new Map<string, Holding>();
  const usual = (test: string) => baseline.get(test) ?? median(earlier.get(test) ?? []);
  const limit = (test: string) => (usual(test) ?? Number.POSITIVE_INFINITY) * above;
  const noteSlow = (test: string, ms: number, verb: string) => {
    const usualMs = usual(test) ?? 0;
    const text = `${test} ${verb} ${formatMs(ms)}, usually ${formatMs(usualMs)}`;
    if (slow.size < MAX_TESTS || slow.has(test)) slow.set(test, { labels: { test }, value: ms / usualMs, text });
  };
  let asked = Number.NEGATIVE_INFINITY;
  return {
    event(event, at, lane) {
      if (event.event !== 'test' || event.test === undefined) return false;
      const test = nameOf(event.test);
      if (event.kind === 'start') {
        running.set(lane, { test, since: at });
        return true;
      }
      const began = running.get(lane);
      running.delete(lane);
      const ms = event.durationMs ?? (began === undefined ? undefined : at - began.since);
      if (ms === undefined || event.verdict === 'SKIP') return true;
      if (ms > limit(test)) noteSlow(test, ms, 'took');
      else slow.delete(test);
      const known = earlier.get(test) ?? [];
      if (earlier.size < MAX_TESTS || known.length > 0) earlier.set(test, [...known, ms].slice(-MAX_REMEMBERED));
      return true;
    },
    holding(at) {
      asked = at;
      for (const { test, since } of running.values())
        if (at - since >= limit(test) && !slow.has(test)) noteSlow(test, at - since, 'has taken');
      return [...slow.values()];
    },
    get due() {
      const times = [...running.values()].map(({ test, since }) => since + limit(test)).filter((time) => time > asked);
      return times.length === 0 ? undefined : Math.min(...times);
    },
  };
}

/** Without the round: `threads.3` is `threads` again. */
function nameOf(test: string): string {
  return test.replace(/\.\d+$/, '');
}

function median(values: readonly number[]): number | undefined {
  if (values.length < ENOUGH) return undefined;
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
}
