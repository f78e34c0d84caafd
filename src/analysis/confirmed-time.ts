/** A CPU without events for so long has none: its silence no longer means that they are still to come. */
const SILENT_SECONDS = 5;
const MAX_CPUS = 4096;

/**
 * Up to when a trace is known. A CPU tells that it lost events only with the next one that it kept, so what is missing of a CPU
 * since its last event may have been lost: an end that did not come counts only up to the time that all CPUs have reached.
 */
export class ConfirmedTime {
  readonly #last = new Map<number, number>();

  record({ cpu, time }: { readonly cpu: number; readonly time: number | null }): void {
    if (time !== null && (this.#last.has(cpu) || this.#last.size < MAX_CPUS)) this.#last.set(cpu, time);
  }

  /** Trace seconds, at most `now`. */
  at(now: number): number {
    let confirmed = now;
    for (const time of this.#last.values()) if (time < confirmed && now - time < SILENT_SECONDS) confirmed = time;
    return confirmed;
  }

  reset(): void {
    this.#last.clear();
  }
}
