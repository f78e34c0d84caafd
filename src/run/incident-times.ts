import { NS_PER_MS } from '../base/clock.ts';
import type { Event, EventOf } from '../model/event.ts';
import type { IncidentEntry } from '../stress/journal.ts';

type Recovery = IncidentEntry['recoveries'][number];

/** Makes of events what became of each incident, and how long it took. */
export class IncidentTimes {
  readonly #open = new Map<string, { readonly at: number; booting: number; readonly recoveries: Recovery[] }>();
  readonly #closed: IncidentEntry[] = [];
  #booting: number | undefined;

  event(event: Event): void {
    const at = event.time.observed ?? 0;
    if (event.event === 'incident' && event.kind === 'opened')
      this.#open.set(event.incident ?? '', { at, booting: 0, recoveries: [] });
    if (event.event === 'recovery') {
      const { kind: action, result, verified, durationMs } = event;
      this.#open.get(event.incident ?? '')?.recoveries.push({ action, result, verified, durationMs });
    }
    if (event.event === 'guest') this.#guest(event, at);
    if (event.event === 'incident' && event.kind === 'closed') {
      const id = event.incident ?? '';
      const open = this.#open.get(id);
      if (open === undefined) return;
      this.#open.delete(id);
      const durationMs = Math.round((at - open.at) / NS_PER_MS);
      const { title, classification, outcome } = event;
      this.#closed.push({
        ...{ title, classification, outcome, durationMs, recoveries: open.recoveries },
        beyondBootMs: Math.max(0, durationMs - Math.round(open.booting)),
      });
    }
  }

  /** What a guest takes to boot, or to be restored, is no one's doing. */
  #guest({ kind, detail }: EventOf<'guest'>, at: number): void {
    if (kind === 'reset') this.#booting = at;
    let ms = 0;
    if (kind === 'ready' && this.#booting !== undefined) {
      ms = (at - this.#booting) / NS_PER_MS;
      this.#booting = undefined;
    } else if (kind === 'note' && 'restored' in detail && typeof detail.ms === 'number') ms = detail.ms;
    for (const open of this.#open.values()) open.booting += ms;
  }

  /** Those that are over, in the order in which they ended. */
  get incidents(): readonly IncidentEntry[] {
    return this.#closed;
  }
}
