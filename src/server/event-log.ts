/** An event as a line: its number and its JSON, which has neither CR nor LF in it. */
export interface LogLine {
  readonly seq: number;
  readonly json: Uint8Array;
  /** What the line says, where it was read just now. */
  readonly value?: unknown;
}

/** The events of one recording in their order, each once, wherever they are kept. */
export interface EventLog {
  /** Hands out what is there in batches, then what comes; `onQuiet` each time that the present end was reached. */
  follow(onBatch: (lines: readonly LogLine[]) => void, onQuiet: () => void): void;
  /** At most `limit` events behind number `after`, and about a megabyte of them. */
  page(after: number, limit: number): Promise<readonly LogLine[]>;
  /** Lines that are no event, or that came twice. */
  readonly damaged: number;
  close(): Promise<void>;
}

/** Bytes after which a page ends. */
export const PAGE_BYTES = 1 << 20;
