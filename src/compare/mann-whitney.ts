import { upperTail } from './normal.ts';

/** Largest sides whose distribution is counted out: without ties it is the same for all values, and kept. */
const EXACT = 30;
const EXACT_WITH_TIES = 12;

interface MannWhitney {
  /** Pairs in which the value of `a` is the greater, ties counted half. */
  readonly u: number;
  /** Two-sided, 0 to 1. */
  readonly p: number;
}

/**
 * The test of Mann and Whitney: do values of one side tend to be greater? Nothing is assumed of how they are distributed. Small
 * samples: every way to deal the ranks out is counted, with ties as they are. Large ones: the normal approximation, corrected for
 * ties and continuity (Mann and Whitney 1947; Lehmann, Nonparametrics, 1.4). An empty side gives p 1.
 */
export function mannWhitney(a: readonly number[], b: readonly number[]): MannWhitney {
  const [n, m] = [a.length, b.length];
  if (n === 0 || m === 0) return { u: 0, p: 1 };
  const { ranks, ties } = doubledRanks(a, b);
  let doubledSum = 0;
  for (let i = 0; i < n; i++) doubledSum += ranks[i] as number;
  const u = (doubledSum - n * (n + 1)) / 2;
  if (ties === 0 && n <= EXACT && m <= EXACT) return { u, p: exactP(plainWays(n, n + m), u, n * m) };
  if (n <= EXACT_WITH_TIES && m <= EXACT_WITH_TIES) return { u, p: tiedP(ranks, n, doubledSum) };
  return { u, p: normalP(u, n, m, ties) };
}

/** Twice the rank of each value, `a` first, so that shared ranks are whole numbers; and the sum of t³ − t over groups of equals. */
function doubledRanks(a: readonly number[], b: readonly number[]): { ranks: Float64Array; ties: number } {
  const values = Float64Array.from([...a, ...b]);
  const order = Array.from(values.keys()).sort((i, j) => (values[i] as number) - (values[j] as number));
  const ranks = new Float64Array(values.length);
  let ties = 0;
  for (let from = 0; from < order.length; ) {
    let to = from + 1;
    while (to < order.length && values[order[to] as number] === values[order[from] as number]) to += 1;
    for (let at = from; at < to; at++) ranks[order[at] as number] = from + 1 + to;
    const size = to - from;
    ties += size ** 3 - size;
    from = to;
  }
  return { ranks, ties };
}

const kept = new Map<string, Float64Array>();

/** How many of the ways to choose n of the first `all` ranks have each sum. */
function plainWays(n: number, all: number): Float64Array {
  const key = `${n} ${all}`;
  const known = kept.get(key);
  if (known !== undefined) return known;
  const ways = waysOf(
    Array.from({ length: all }, (_, i) => i + 1),
    n,
  );
  kept.set(key, ways);
  return ways;
}

/** Of all choices of n of these whole numbers, how many have each sum. */
function waysOf(parts: readonly number[], n: number): Float64Array {
  const most = [...parts]
    .sort((x, y) => y - x)
    .slice(0, n)
    .reduce((sum, part) => sum + part, 0);
  const width = most + 1;
  // Row k: choices of k parts so far.
  const table = new Float64Array((n + 1) * width);
  table[0] = 1;
  for (const part of parts)
    for (let k = n; k >= 1; k--)
      for (let sum = most; sum >= part; sum--)
        (table[k * width + sum] as number) += table[(k - 1) * width + sum - part] as number;
  return table.slice(n * width);
}

function exactP(ways: Float64Array, u: number, pairs: number): number {
  const far = Math.min(u, pairs - u);
  // The least sum of n ranks belongs to U = 0.
  const least = ways.findIndex((count) => count > 0);
  let tail = 0;
  let total = 0;
  for (const [sum, count] of ways.entries()) {
    total += count;
    if (sum - least <= far) tail += count;
  }
  return Math.min(1, (2 * tail) / total);
}

/** Twice the smaller of both tails, among all ways to deal out the ranks that there are. */
function tiedP(ranks: Float64Array, n: number, sum: number): number {
  const ways = waysOf([...ranks], n);
  let [low, high, total] = [0, 0, 0];
  for (const [at, count] of ways.entries()) {
    total += count;
    if (at <= sum) low += count;
    if (at >= sum) high += count;
  }
  return Math.min(1, (2 * Math.min(low, high)) / total);
}

function normalP(u: number, n: number, m: number, ties: number): number {
  const all = n + m;
  const variance = ((n * m) / 12) * (all + 1 - ties / (all * (all - 1)));
  if (variance <= 0) return 1;
  const away = Math.max(0, Math.abs(u - (n * m) / 2) - 0.5);
  return Math.min(1, 2 * upperTail(away / Math.sqrt(variance)));
}
