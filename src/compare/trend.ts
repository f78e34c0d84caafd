import { upperTail } from './normal.ts';

/** Values that are looked at: every pair of them is compared. */
const MAX = 500;

/** Do values rise or fall in the order they have? The test of Mann (1945) and Kendall; tau is -1 to 1, p two-sided by the normal approximation. */
export function driftOf(samples: readonly number[]): { readonly tau: number; readonly p: number } {
  const values = samples.slice(0, MAX);
  const n = values.length;
  if (n < 8) return { tau: 0, p: 1 };
  let score = 0;
  for (let i = 0; i < n; i++)
    for (let j = i + 1; j < n; j++) score += Math.sign((values[j] as number) - (values[i] as number));
  const sizes = new Map<number, number>();
  for (const value of values) sizes.set(value, (sizes.get(value) ?? 0) + 1);
  const ties = [...sizes.values()].reduce((sum, t) => sum + t * (t - 1) * (2 * t + 5), 0);
  const variance = (n * (n - 1) * (2 * n + 5) - ties) / 18;
  if (variance <= 0) return { tau: 0, p: 1 };
  const z = Math.max(0, Math.abs(score) - 1) / Math.sqrt(variance);
  return { tau: (2 * score) / (n * (n - 1)), p: Math.min(1, 2 * upperTail(z)) };
}
