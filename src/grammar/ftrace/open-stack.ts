import { utf8 } from './prefix.ts';
import type { FtraceEvent, FtraceStack } from './record.ts';

const MAX_FRAMES = 128;

/** A stack whose frames stand on the lines behind its event. Holds one. */
export class OpenStack {
  #open: {
    readonly event: FtraceEvent;
    readonly space: 'kernel' | 'user';
    readonly frames: string[];
    endByte: number;
  } | null = null;

  get isOpen(): boolean {
    return this.#open !== null;
  }

  begin(event: FtraceEvent, space: 'kernel' | 'user'): void {
    this.#open = { event, space, frames: [], endByte: event.endByte };
  }

  /** Takes a frame, one character a byte. */
  frame(text: string, endByte: number): void {
    if (this.#open === null) return;
    if (this.#open.frames.length < MAX_FRAMES) this.#open.frames.push(utf8(text));
    this.#open.endByte = endByte;
  }

  end(emit: (stack: FtraceStack) => void): void {
    const stack = this.#open;
    if (stack === null) return;
    this.#open = null;
    const { event, space, frames, endByte } = stack;
    emit({ kind: 'stack', event, space, frames, byte: event.byte, endByte, line: event.line });
  }
}
