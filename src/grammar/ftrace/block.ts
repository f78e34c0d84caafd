import type { Place } from './record.ts';

/** A table or another block of lines that begins with a line of its own. */
export interface Block<R> {
  /** Takes a line, one character a byte; false when it does not belong to the block, which ends before it. */
  line(text: string, place: Place, emit: (record: R) => void): boolean;
  /** The block ends: what it holds is given. */
  end(emit: (record: R) => void): void;
}
