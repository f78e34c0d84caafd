import type { Event } from '../model/event.ts';
import type { LiveStore } from '../run/store-live.ts';

/** A run on its way into the store, which is opened with the first event: a run that never begins needs none. */
export class KeptRun {
  readonly #where: string | boolean | undefined;
  readonly #command: readonly string[];
  readonly #folder: string | undefined;
  readonly #warn: (text: string) => void;
  #store: LiveStore | undefined;
  #opening: Promise<void> | undefined;
  /** What came while it was opened. */
  readonly #early: Event[] = [];

  /** `where`: a file or URL; false for none. `folder`: of the recording, where there is one. */
  constructor(
    where: string | boolean | undefined,
    command: readonly string[],
    folder: string | undefined,
    warn: (text: string) => void,
  ) {
    this.#where = where;
    this.#command = command;
    this.#folder = folder;
    this.#warn = warn;
  }

  event(event: Event): void {
    if (this.#where === false) return;
    if (this.#store !== undefined) this.#store.event(event);
    else this.#early.push(event);
    this.#opening ??= this.#open();
  }

  async close(): Promise<void> {
    await this.#opening;
    await this.#store?.close();
  }

  async #open(): Promise<void> {
    const { openLiveStore } = await import('../run/store-live.ts');
    const folder = this.#folder === undefined ? {} : { folder: this.#folder };
    const store = await openLiveStore(this.#where, { kind: 'attach', command: this.#command, ...folder }, this.#warn);
    for (const event of this.#early.splice(0)) store.event(event);
    this.#store = store;
  }
}
