import { LineCutter } from './line-cutter.ts';
import { OpenStack } from './open-stack.ts';
import { otherLine } from './other-line.ts';
import { parseEventLine } from './prefix.ts';
import type { FtraceRecord, Place } from './record.ts';

type Emit = (record: FtraceRecord) => void;

/**
 * Cuts the text of `trace` and `trace_pipe` into records, in any chunks. Never throws; holds one line and one stack.
 * Payloads are left as text: `payloadFields` takes apart those that somebody asks for.
 */
export class FtraceSplitter {
  readonly #cutter = new LineCutter();
  readonly #stack = new OpenStack();

  push(chunk: Uint8Array, emit: Emit): void {
    this.#cutter.push(chunk, (text, byte, endByte, line) => this.#take(text, { byte, endByte, line }, emit));
  }

  /** What stands behind the last newline, and an open stack. */
  flush(emit: Emit): void {
    this.#cutter.flush((text, byte, endByte, line) => this.#take(text, { byte, endByte, line }, emit));
    this.#stack.end(emit);
  }

  #take(text: string, place: Place, emit: Emit): void {
    if (this.#stack.isOpen) {
      if (text.startsWith(' => ')) {
        this.#stack.frame(text.slice(4), place.endByte);
        return;
      }
      this.#stack.end(emit);
    }
    const event = parseEventLine(text, place);
    if (event === null) {
      emit(otherLine(text, place));
      return;
    }
    const space = event.payload === '' ? STACKS[event.name] : undefined;
    if (space === undefined) emit(event);
    else this.#stack.begin(event, space);
  }
}

export const STACKS: Readonly<Record<string, 'kernel' | 'user'>> = {
  '<stack trace>': 'kernel',
  '<user stack trace>': 'user',
};
