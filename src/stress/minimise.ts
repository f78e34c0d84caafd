/**
 * The lines of a sequence that a failure needs (`vexcheck calls --print` makes such sequences, `vexcheck replay` runs them): delta
 * debugging, after Zeller and Hildebrandt, "Simplifying and Isolating Failure-Inducing Input", 2002. Order is kept.
 *
 * Of the result no single line can be left out. Null where the whole sequence does not fail, so that nothing can be learnt from less of it.
 * `fails` is asked one at a time, never twice for the same lines, at most `mostRuns` times; then the smallest sequence that failed is the result.
 */
export async function minimise(
  lines: readonly string[],
  fails: (lines: readonly string[]) => Promise<boolean>,
  mostRuns = Number.POSITIVE_INFINITY,
): Promise<readonly string[] | null> {
  const asked = new Map<string, boolean>();
  const ask = async (some: readonly string[]): Promise<boolean> => {
    const key = some.join('\n');
    const known = asked.get(key);
    if (known !== undefined || asked.size >= mostRuns) return known ?? false;
    const answer = await fails(some);
    asked.set(key, answer);
    return answer;
  };
  if (!(await ask(lines))) return null;

  let smallest = lines;
  let parts = 2;
  while (smallest.length > 1 && asked.size < mostRuns) {
    const next = await smaller(smallest, Math.min(parts, smallest.length), ask);
    if (next !== null) {
      smallest = next.lines;
      parts = next.parts;
    } else if (parts >= smallest.length) {
      break;
    } else {
      parts *= 2;
    }
  }
  return smallest;
}

/** One of the parts, or everything but one of them, whichever fails first. */
async function smaller(
  lines: readonly string[],
  parts: number,
  ask: (lines: readonly string[]) => Promise<boolean>,
): Promise<{ lines: readonly string[]; parts: number } | null> {
  const borders = Array.from({ length: parts + 1 }, (_, i) => Math.floor((i * lines.length) / parts));
  const cuts = borders.slice(1).map((end, i) => [borders[i] ?? 0, end] as const);
  for (const [start, end] of cuts) {
    const part = lines.slice(start, end);
    if (await ask(part)) return { lines: part, parts: 2 };
  }
  for (const [start, end] of cuts) {
    const rest = [...lines.slice(0, start), ...lines.slice(end)];
    if (await ask(rest)) return { lines: rest, parts: Math.max(parts - 1, 2) };
  }
  return null;
}
