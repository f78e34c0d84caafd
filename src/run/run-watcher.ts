import type { Event } from '../model/event.ts';

/** Who looks on at a run: nothing it does fails the run or is waited for but `close`. */
export interface RunWatcher {
  /** `lane`: which guest of several it is of, such as `guest-2`. */
  event(event: Event, lane?: string): void;
  close(): Promise<void>;
}
