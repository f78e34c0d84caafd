import { seeded } from '../base/random.ts';
import type { MeasuredRun, MeasuredTest, Side } from '../model/measured-run.ts';

export function testOf(id: string, more: Partial<MeasuredTest> = {}): MeasuredTest {
  return { id, verdict: 'PASS', reason: '', durationMs: 1000, findings: [], incidents: [], figures: {}, ...more };
}

export function runOf(tests: readonly MeasuredTest[], more: Partial<MeasuredRun> = {}): MeasuredRun {
  return {
    ...{ name: 'run', tool: 'vexfs-trace 1', started: '2026-11-21T19:00:00.000Z', command: [], guests: [] },
    ...{ facts: new Map<string, string>(), tests },
    ...more,
  };
}

export function sideOf(...runs: readonly MeasuredRun[]): Side {
  return { name: runs[0]?.name ?? '', runs };
}

/** A run of which one test was repeated, with these rates. */
export function ratesOf(rates: readonly number[], more: Partial<MeasuredRun> = {}): MeasuredRun {
  return runOf(
    rates.map((rate, i) => testOf(i === 0 ? 'speed' : `speed.${i + 1}`, { figures: { rate } })),
    more,
  );
}

/**
 * A machine as machines are: what it measures is spread to one side with a heavy tail (others run beside it), follows what came before
 * (its clock, its caches), and drifts. About as measured on the check `speed`: 3 % apart in the middle, one value in twelve far off.
 */
export class NoisyMachine {
  readonly #random: () => number;
  readonly #drift: number;
  #state = 0;
  #time = 0;

  /** `drift` is how much slower it gets from one value to the next, as a ratio. */
  constructor(seed: number, drift = 0) {
    this.#random = seeded(seed);
    this.#drift = drift;
  }

  /** How long something takes that takes so long on a quiet machine. */
  measure(time: number): number {
    this.#state = 0.4 * this.#state + 0.018 * this.#normal();
    const tail = this.#random() < 1 / 12 ? 0.3 * this.#random() ** 2 : 0;
    return time * Math.exp(this.#state + tail + this.#drift * this.#time++);
  }

  #normal(): number {
    return Math.sqrt(-2 * Math.log(1 - this.#random())) * Math.cos(2 * Math.PI * this.#random());
  }
}
