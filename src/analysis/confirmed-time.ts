import { Rising } from './rising.ts';

/** A CPU without events for so long has none: its silence no longer means that they are still to come. */
const SILENT_SECONDS = 5;
const MAX_CPUS = 4096;

interface Cpu {
  last: number;
  /** It was not silent when it was last asked. */
  counts: boolean;
}

/**
 * Up to when a trace is known. A CPU tells that it lost events only with the next one that it kept, so what is missing of a CPU
 * since its last event may have been lost: an end that did not come counts only up to the time that all CPUs have reached.
 */
export class ConfirmedTime {
  readonly #silent: number;
  readonly #cpus = new Map<number, Cpu>();
  readonly #counting = new Rising<Cpu>(({ last }) => last);

  constructor(silentSeconds = SILENT_SECONDS) {
    this.#silent = silentSeconds;
  }

  record({ cpu: number, time }: { readonly cpu: number; readonly time: number | null }): void {
    if (time === null) return;
    let cpu = this.#cpus.get(number);
    // Its clock does not go back: the machine is another one.
    if (cpu !== undefined && cpu.last - time > this.#silent) {
      this.reset();
      cpu = undefined;
    }
    if (cpu === undefined) {
      if (this.#cpus.size >= MAX_CPUS) return;
      cpu = { last: time, counts: false };
      this.#cpus.set(number, cpu);
    }
    if (time > cpu.last) cpu.last = time;
    if (cpu.counts) return;
    cpu.counts = true;
    this.#counting.add(cpu);
  }

  /** Trace seconds, at most `now`. */
  at(now: number): number {
    for (let cpu = this.#counting.least(); cpu !== undefined; cpu = this.#counting.least()) {
      if (now - cpu.last < this.#silent) return Math.min(now, cpu.last);
      cpu.counts = false;
      this.#counting.drop();
    }
    return now;
  }

  reset(): void {
    this.#cpus.clear();
    this.#counting.clear();
  }
}
