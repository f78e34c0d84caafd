import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '../base/errors.ts';
import type { HostRecord } from '../model/host-record.ts';
import type { QuiescePoint } from '../model/leak-sample.ts';
import type { GuestUnderTest } from './guest-under-test.ts';
import { sampleLeaks } from './leak-watch.ts';
import type { Session } from './session.ts';

export interface LeakCheckOptions {
  readonly under: GuestUnderTest;
  readonly session: Session;
  /** Between two pauses of the load. */
  readonly everyMs: number;
  readonly progress: (message: string) => void;
  readonly note: (record: HostRecord) => void;
  /** The run is over: what is under way is given up. */
  readonly signal: AbortSignal;
}

/** Brings the module to rest, now and then, and notes what it still holds. */
export class LeakChecks {
  readonly #options: LeakCheckOptions;
  #checking = false;

  constructor(options: LeakCheckOptions) {
    this.#options = options;
  }

  /** Pauses the load and unmounts, every so often until the signal. */
  async watch(): Promise<void> {
    const { everyMs, signal } = this.#options;
    for (;;) {
      await sleep(everyMs, undefined, { signal }).catch(() => {});
      if (signal.aborted) return;
      if (!this.#checking) await this.check('unmounted');
    }
  }

  /** Nothing is looked at while an incident is open, or when the module cannot be brought to rest, which is said. */
  async check(point: QuiescePoint): Promise<void> {
    const { session, progress, signal } = this.#options;
    this.#checking = true;
    try {
      const done = await session.undisturbed(() => this.#check(point));
      if (!done && !signal.aborted) progress('no look for leaks this time: something is broken');
    } catch (error) {
      // A guest that goes away meanwhile is for others to notice.
      if (!signal.aborted) progress(`no look for leaks this time: ${messageOf(error)}`);
    } finally {
      this.#checking = false;
    }
  }

  async #check(point: QuiescePoint): Promise<void> {
    const { under, note, signal } = this.#options;
    const { control } = under.guest;
    const paused = under.loadRunning;
    await under.stopLoad();
    try {
      await under.unmount();
      try {
        if (point === 'unloaded') await under.unloadModule();
        const sample = await sampleLeaks(control, signal);
        note({ record: 'leaks', point, module: under.module.name, sample });
      } finally {
        if (!under.moduleLoaded) await under.loadModule();
        else if (point === 'unloaded') await under.resumeInstruments();
        await under.mount();
      }
    } finally {
      if (paused) await under.startLoad();
    }
  }
}
