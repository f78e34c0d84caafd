import type { Event } from '../model/event.ts';

/** What holds of a condition now: a series of its own for each machine or test that it is about. */
export interface Holding {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
  /** For people. */
  readonly text: string;
}

/** Where an event comes from: `guest-2`. Of one guest it is `guest-1`. */
export type Lane = string;

/** One condition of a rule. It reads no clock: time is that of the events, milliseconds since the epoch. */
export interface Condition {
  /** False: nothing can have changed by it. */
  event(event: Event, at: number, lane: Lane): boolean;
  holding(at: number): readonly Holding[];
  /** When something changes by time alone; after the last time that was asked about. */
  readonly due: number | undefined;
}
