/** The value in the middle; of an even number the mean of the two. NaN of none. */
export function medianOf(sorted: readonly number[] | Float64Array): number {
  const half = sorted.length >> 1;
  const upper = sorted[half] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[half - 1] ?? Number.NaN) + upper) / 2;
}

export function ascending(values: readonly number[]): number[] {
  return [...values].sort((a, b) => a - b);
}

/**
 * Half of the 95 % interval of the median, as a ratio of it, from the order of the values alone: the narrowest pair of values of which
 * the binomial distribution says that the median lies between them so often. Null below six values, where no pair is wide enough.
 */
export function spreadOf(sorted: readonly number[]): number | null {
  const n = sorted.length;
  if (n < 6) return null;
  const median = medianOf(sorted);
  if (median === 0) return null;
  // Chance that at most k of n values lie below the median, each with one half; in logarithms, as 2^-n is no number for large n.
  let k = -1;
  let below = 0;
  for (let logTerm = -n * Math.LN2; k + 1 < n / 2; k++) {
    const next = below + Math.exp(logTerm);
    if (next > 0.025) break;
    below = next;
    logTerm += Math.log((n - k - 1) / (k + 2));
  }
  const low = sorted[Math.max(0, k)] as number;
  const high = sorted[n - 1 - Math.max(0, k)] as number;
  return Math.max(median - low, high - median) / Math.abs(median);
}
