import type { Anomaly } from '../model/comparison.ts';
import type { Side } from '../model/measured-run.ts';
import { testName } from './metrics.ts';
import { ascending, medianOf } from './order.ts';

const TIMES = 2;
/** Shorter ones double by a hiccup of the machine. */
const LEAST_MS = 100;

/** Tests that took over twice as long as the median of the baseline, by name; of repetitions the longest. */
export function anomaliesOf(before: Side, after: Side): Anomaly[] {
  const [old, fresh] = [durations(before), durations(after)];
  return [...fresh].flatMap(([test, times]) => {
    const beforeMs = medianOf(ascending(old.get(test) ?? []));
    const afterMs = times.reduce((most, ms) => Math.max(most, ms), 0);
    return afterMs > TIMES * beforeMs && afterMs >= LEAST_MS ? [{ test, beforeMs, afterMs }] : [];
  });
}

function durations({ runs }: Side): Map<string, number[]> {
  const all = new Map<string, number[]>();
  for (const test of runs.flatMap(({ tests }) => tests)) {
    if (test.verdict === 'SKIP' || !Number.isFinite(test.durationMs) || test.durationMs <= 0) continue;
    const known = all.get(testName(test));
    if (known === undefined) all.set(testName(test), [test.durationMs]);
    else known.push(test.durationMs);
  }
  return all;
}
