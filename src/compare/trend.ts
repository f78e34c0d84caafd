import { upperTail } from './normal.ts';

/** Values that are looked at: every pair of them is compared. */
const MAX = 500;
/** Up to so many values without ties the chances are counted, not approximated. */
const EXACT = 20;

/** Tau is -1 (every later value is smaller) to 1; p two-sided. */
interface Drift {
  readonly tau: number;
  readonly p: number;
}

/** Do values rise or fall in the order they have? The test of Mann (1945) and Kendall. Below four values nothing can be told. */
export function mannKendall(samples: readonly number[]): Drift {
  const values = samples.slice(-MAX);
  const n = values.length;
  if (n < 4) return { tau: 0, p: 1 };
  let score = 0;
  for (let i = 0; i < n; i++)
    for (let j = i + 1; j < n; j++) score += Math.sign((values[j] as number) - (values[i] as number));
  const tau = (2 * score) / (n * (n - 1));
  const ties = tiesOf(values);
  if (ties === 0 && n <= EXACT) return { tau, p: exactP(n, Math.abs(score)) };
  const variance = (n * (n - 1) * (2 * n + 5) - ties) / 18;
  if (variance <= 0) return { tau: 0, p: 1 };
  const z = Math.max(0, Math.abs(score) - 1) / Math.sqrt(variance);
  return { tau, p: Math.min(1, 2 * upperTail(z)) };
}

/** The same of the first values of a series that was measured in one go; below eight nothing is said. */
export function driftOf(samples: readonly number[]): Drift {
  return samples.length < 8 ? { tau: 0, p: 1 } : mannKendall(samples.slice(0, MAX));
}

/** By how much a value grows with each unit of time: the median of the slopes of all pairs (Theil 1950, Sen 1968). NaN of one point. */
export function theilSen(points: readonly (readonly [time: number, value: number])[]): number {
  const seen = points.slice(-MAX);
  const slopes: number[] = [];
  for (const [i, [t, value]] of seen.entries())
    for (const [later, other] of seen.slice(i + 1)) if (later > t) slopes.push((other - value) / (later - t));
  slopes.sort((a, b) => a - b);
  const half = slopes.length >> 1;
  return slopes.length % 2 === 1
    ? (slopes[half] as number)
    : ((slopes[half - 1] ?? Number.NaN) + (slopes[half] ?? Number.NaN)) / 2;
}

/**
 * Where a series changes its level: how many values stand before the change, and p, by the test of Pettitt (1979), which is approximate and
 * says rather too little for few values.
 */
export function changePoint(samples: readonly number[]): { readonly at: number; readonly p: number } {
  const values = samples.slice(-MAX);
  const n = values.length;
  let [at, most, sum] = [0, 0, 0];
  for (let i = 0; i + 1 < n; i++) {
    for (const other of values) sum += Math.sign((values[i] as number) - other);
    if (Math.abs(sum) > most) [at, most] = [i + 1, Math.abs(sum)];
  }
  return { at: at + samples.length - n, p: Math.min(1, 2 * Math.exp((-6 * most ** 2) / (n ** 3 + n ** 2))) };
}

function tiesOf(values: readonly number[]): number {
  const sizes = new Map<number, number>();
  for (const value of values) sizes.set(value, (sizes.get(value) ?? 0) + 1);
  return [...sizes.values()].reduce((sum, t) => sum + t * (t - 1) * (2 * t + 5), 0);
}

/** Share of the orders of n values whose score is as far from nothing as this one, counted by the number of inversions. */
function exactP(n: number, score: number): number {
  let chances = [1];
  for (let size = 2; size <= n; size++) {
    const next = new Array<number>(chances.length + size - 1).fill(0);
    for (const [inversions, chance] of chances.entries())
      for (let more = 0; more < size; more++) next[inversions + more] = (next[inversions + more] ?? 0) + chance / size;
    chances = next;
  }
  // As many inversions as this leave the score at the most at what it is.
  const inversions = (n * (n - 1)) / 2 - score;
  const tail = chances.slice(0, Math.floor(inversions / 2) + 1).reduce((sum, chance) => sum + chance, 0);
  return Math.min(1, 2 * tail);
}
