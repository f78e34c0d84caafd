import type { About, LogRead } from '../model/about.ts';
import type { Event } from '../model/event.ts';
import type { Summary } from './tally.ts';

/** What `analyze` can write. */
export const FORMATS = ['text', 'json', 'ndjson', 'markdown', 'junit', 'sarif', 'github', 'raw'] as const;
export type Format = (typeof FORMATS)[number];

/** Where a format is written to, and what it may use there. */
export interface Surface {
  readonly write: (chunk: string | Uint8Array) => void;
  /** Something that the reader of the output must know and the format has no room for. */
  readonly warn: (message: string) => void;
  readonly color: boolean;
  /** Columns of a line. */
  readonly width: number;
  /** A terminal: no control character of a log may reach it. */
  readonly terminal: boolean;
  /** Version of the tool. */
  readonly version: string;
}

/** An output format: events in, text out, as they come and as far as the format allows. */
export interface Sink {
  event(event: Event, about: About): void;
  /** All events of a log have come. */
  log?(log: LogRead): void;
  /** The input pauses: what was held back to be put in order is written now. */
  pause?(): void;
  close(summary: Summary): void;
}

export type OpenSink = (surface: Surface) => Sink;
