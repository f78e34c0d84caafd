import type { Message } from '../bpftrace-wrapper/index.ts';
import type { Probe } from './probe.ts';

export interface StartOptions {
  /** The interface that probes with `needs: interface` look at. */
  readonly interface?: string;
  /** How often objects are read; programs of bpftrace print by themselves. Default 10 s. */
  readonly intervalMs?: number;
  /** Ends the run as `stop` does. */
  readonly signal?: AbortSignal;
}

/** Probes at work. Whoever starts them iterates the messages, which end with the maps as they were last; leaving the loop stops them. */
export interface RunningProbes extends AsyncIterable<Message> {
  /** Have all maps come as messages now. */
  dump(): void;
  /** Ask for the end: maps are read once more, then the messages end. */
  stop(): void;
  /** Settles when nothing is attached any more: a sentence on what went wrong, or null. Never rejects. */
  readonly ended: Promise<string | null>;
}

/** What runs probes. Several at once; an ExpectedError when they cannot be attached. */
export interface ProbeEngine {
  start(probes: readonly Probe[], options: StartOptions): Promise<RunningProbes>;
}
