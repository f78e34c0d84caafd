import { NS_PER_MS } from '../base/clock.ts';
import type { Event } from '../model/event.ts';
import type { IncidentEntry } from '../model/run-report.ts';

/** Makes of events what became of each incident, and how long it took. */
export class IncidentTimes {
  readonly #open = new Map<
    string,
    { readonly at: number; readonly recoveries: IncidentEntry['recoveries'][number][] }
  >();
  readonly #closed: IncidentEntry[] = [];

  event(event: Event): void {
    const { incident = '', time } = event;
    const at = time.observed ?? 0;
    if (event.event === 'recovery') {
      const { kind: action, result, verified, durationMs } = event;
      this.#open.get(incident)?.recoveries.push({ action, result, verified, durationMs });
    }
    if (event.event !== 'incident') return;
    if (event.kind === 'opened') this.#open.set(incident, { at, recoveries: [] });
    const open = this.#open.get(incident);
    if (event.kind !== 'closed' || open === undefined) return;
    this.#open.delete(incident);
    const { title, classification, outcome } = event;
    const durationMs = event.recoveryMs ?? Math.round((at - open.at) / NS_PER_MS);
    const { beyondBootMs = durationMs } = event;
    this.#closed.push({ title, classification, outcome, durationMs, beyondBootMs, recoveries: open.recoveries });
  }

  /** Those that are over, in the order in which they ended. */
  get incidents(): readonly IncidentEntry[] {
    return this.#closed;
  }
}
