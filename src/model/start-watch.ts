import type { EventOf } from './event.ts';

/** A start of a guest that is over: it came up, or it did not. */
export interface GuestStart {
  readonly ok: boolean;
  /** Milliseconds from its beginning. */
  readonly ms: number;
}

/** Tells the starts of one guest from its events: a boot, a reset or a restored snapshot begins one, a module that is ready ends it. */
export class StartWatch {
  #began: number | undefined;

  /** Starts that ended with this event, none or one. */
  event({ kind, detail, time }: EventOf<'guest'>): readonly GuestStart[] {
    const at = (time.observed ?? 0) / 1e6;
    const began = this.#began;
    if (kind === 'boot' || kind === 'reset' || kind === 'restore') {
      this.#began = at;
      return began === undefined ? [] : [{ ok: false, ms: at - began }];
    }
    if (began === undefined) return [];
    const isUp = kind === 'ready' || (kind === 'note' && detail.restored !== undefined);
    if (!isUp && kind !== 'exit' && !(kind === 'note' && detail.run === 'end')) return [];
    this.#began = undefined;
    return [{ ok: isUp, ms: at - began }];
  }
}
