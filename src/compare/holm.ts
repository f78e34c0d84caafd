/** p of many tests, so corrected that the chance of even one false alarm among all stays below the limit one looks at (Holm 1979). In the same order. */
export function holm(ps: readonly number[]): number[] {
  const order = [...ps.keys()].sort((i, j) => (ps[i] as number) - (ps[j] as number));
  const adjusted = new Array<number>(ps.length);
  let least = 0;
  for (const [rank, at] of order.entries()) {
    least = Math.max(least, Math.min(1, (ps[at] as number) * (ps.length - rank)));
    adjusted[at] = least;
  }
  return adjusted;
}
