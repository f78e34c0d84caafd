import type { Action } from './classification.ts';

/** What a person is told about a finding that nobody recovers. */
export interface Advice {
  /** Title of the pattern that matched best. */
  readonly pattern: string;
  readonly meaning: string;
  readonly lookAt: readonly string[];
  /** Files of the kernel's documentation, and where the failure is discussed. */
  readonly references: readonly string[];
  /** The first thing that we would do to a guest of ours. */
  readonly next?: { readonly actions: readonly Action[]; readonly reason: string };
}

/** Bytes of a report as they stood in the log. */
export interface RawText {
  readonly bytes: Uint8Array;
  /** Bytes at the beginning of the report that are no longer kept. */
  readonly missing: number;
}

/** What is known about a finding besides the event. */
export interface About {
  readonly advice?: Advice;
  readonly raw?: RawText;
}

/** A log that was read to its end. */
export interface LogRead {
  /** As it was named; `stdin` for standard input. */
  readonly file: string;
  readonly bytes: number;
  /** Of the text of a trace: its events. */
  readonly records?: number;
  /** Why it was not read, or not to its end. */
  readonly problem?: string;
}
