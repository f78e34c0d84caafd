/** A prediction of which it is known whether it was right; `weight` 1 unless several stand for one. */
export interface Outcome {
  readonly score: number;
  readonly right: boolean;
  readonly weight?: number;
}

/** Up to this score (null: any) predictions were right this often. */
export interface Step {
  readonly upTo: number | null;
  readonly confidence: number;
  /** How many outcomes it rests on. */
  readonly n: number;
}

/**
 * How often predictions of each score were right, as a rising staircase (isotonic regression by pooling adjacent violators), each
 * step with one right and one wrong outcome added (Laplace), so that few outcomes are no certainty.
 */
export function calibrate(outcomes: readonly Outcome[], edges?: readonly number[]): Step[] {
  const sorted = outcomes.toSorted((a, b) => a.score - b.score);
  const bins = edges === undefined ? sorted.map((one) => [one]) : binsOf(sorted, edges);
  const pooled: { upTo: number; right: number; n: number }[] = [];
  for (const bin of bins) {
    const n = bin.reduce((sum, { weight = 1 }) => sum + weight, 0);
    const right = bin.reduce((sum, { right: is, weight = 1 }) => sum + (is ? weight : 0), 0);
    let block = { upTo: bin.at(-1)?.score ?? 0, right, n };
    if (n === 0) continue;
    for (let last = pooled.at(-1); last !== undefined && share(last) >= share(block); last = pooled.at(-1)) {
      block = { upTo: block.upTo, right: last.right + block.right, n: last.n + block.n };
      pooled.pop();
    }
    pooled.push(block);
  }
  return pooled.map(({ upTo, right, n }, i) => ({
    upTo: i === pooled.length - 1 ? null : round(upTo),
    confidence: Math.round(share({ right, n }) * 100) / 100,
    n: Math.round(n),
  }));
}

export function lookUp(steps: readonly Pick<Step, 'upTo' | 'confidence'>[], score: number): number | undefined {
  return steps.find(({ upTo }) => upTo === null || score <= upTo)?.confidence;
}

const share = ({ right, n }: { readonly right: number; readonly n: number }): number => (right + 1) / (n + 2);
const round = (value: number): number => Math.round(value * 1000) / 1000;

function binsOf(sorted: readonly Outcome[], edges: readonly number[]): Outcome[][] {
  const all = [...edges, Number.POSITIVE_INFINITY];
  return all.map((edge, i) =>
    sorted
      .filter(({ score }) => score <= edge && score > (all[i - 1] ?? Number.NEGATIVE_INFINITY))
      // The edge is where the next bin begins, not the highest score that happened to be seen.
      .map((one) => ({ ...one, score: edge === Number.POSITIVE_INFINITY ? one.score : edge })),
  );
}

/** How well probabilities hold. */
export interface Reliability {
  /** Mean squared distance of probability and outcome. */
  readonly brier: number;
  /** Expected calibration error: mean distance of probability and share of right ones, over bins. */
  readonly ece: number;
  readonly bins: readonly {
    readonly from: number;
    readonly n: number;
    readonly said: number;
    readonly right: number;
  }[];
}

const BINS = 5;

export function reliability(
  outcomes: readonly { readonly probability: number; readonly right: boolean }[],
): Reliability {
  const mean = (values: readonly number[]) =>
    values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
  const bins = Array.from({ length: BINS }, (_, i) => {
    const inside = outcomes.filter(({ probability }) => Math.min(BINS - 1, Math.floor(probability * BINS)) === i);
    const said = mean(inside.map(({ probability }) => probability));
    return { from: i / BINS, n: inside.length, said, right: mean(inside.map(({ right }) => Number(right))) };
  });
  return {
    brier: mean(outcomes.map(({ probability, right }) => (probability - Number(right)) ** 2)),
    ece: bins.reduce((sum, { n, said, right }) => sum + (n / Math.max(1, outcomes.length)) * Math.abs(said - right), 0),
    bins,
  };
}
