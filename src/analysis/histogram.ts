/** Steps to each doubling: what is told is an eighth too long at most. */
const STEPS = 8;
const DOUBLINGS = 50;

/** Durations in log-linear steps (as HdrHistogram has them): 1.6 KiB, whatever comes. */
export class Histogram {
  readonly #counts = new Uint32Array(STEPS * (DOUBLINGS + 1));
  count = 0;
  total = 0;
  worst = 0;

  /** Nanoseconds; what is no duration is passed over. */
  add(value: number): void {
    if (!(value >= 0)) return;
    const step = stepOf(value);
    this.#counts[step] = (this.#counts[step] ?? 0) + 1;
    this.count += 1;
    this.total += value;
    if (value > this.worst) this.worst = value;
  }

  /** So many of a hundred are no longer, as far as the steps tell; 0 when there are none. */
  percentile(percent: number): number {
    const wanted = Math.max(1, Math.ceil((this.count * percent) / 100));
    let seen = 0;
    for (let step = 0; step < this.#counts.length; step++) {
      seen += this.#counts[step] ?? 0;
      if (seen >= wanted) return Math.min(this.worst, endOf(step));
    }
    return this.worst;
  }
}

function stepOf(value: number): number {
  if (value < STEPS) return Math.floor(value);
  const doubling = Math.min(DOUBLINGS - 1, Math.floor(Math.log2(value)) - 3);
  return STEPS * (doubling + 1) + Math.min(STEPS - 1, Math.max(0, Math.floor(value / 2 ** doubling) - STEPS));
}

/** The longest of a step. */
function endOf(step: number): number {
  if (step < STEPS) return step;
  const doubling = Math.floor(step / STEPS) - 1;
  return (STEPS + (step % STEPS) + 1) * 2 ** doubling - 1;
}
