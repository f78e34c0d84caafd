import type { Place } from './record.ts';

/** The kernel's own limit of a line is a page (TRACE_SEQ_BUFFER_SIZE); what is longer is no event. */
const MAX_LINE = 16 * 1024;

/** Takes a line, one character a byte, without its line end. */
type Take = (text: string, byte: number, endByte: number, line: number) => void;

/**
 * Cuts bytes into lines for readers that go by columns: one character a byte (latin1), which costs half of what decoding does. In any
 * chunks; holds one line, and of a longer one its beginning.
 */
export class LineCutter {
  #held = '';
  /** Offset of the held line's first byte. */
  #byte = 0;
  #line = 1;
  /** The held line was longer than MAX_LINE; its rest is being skipped. */
  #skipped = 0;

  push(chunk: Uint8Array, take: Take): void {
    // Offsets into the text are offsets into the stream.
    const fresh = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength).toString('latin1');
    const end = fresh.indexOf('\n');
    if (end < 0) {
      this.#hold(fresh);
      return;
    }
    this.#hold(fresh.slice(0, end));
    this.#end(1, take);
    let from = end + 1;
    for (;;) {
      const at = fresh.indexOf('\n', from);
      if (at < 0) break;
      this.#give(fresh.slice(from, Math.min(at, from + MAX_LINE)), at - from + 1, take);
      from = at + 1;
    }
    this.#hold(fresh.slice(from));
  }

  /** What stands behind the last newline. */
  flush(take: Take): void {
    if (this.#held.length + this.#skipped > 0) this.#end(0, take);
  }

  /** Where the next line begins. */
  get place(): Place {
    return { byte: this.#byte, endByte: this.#byte, line: this.#line };
  }

  #end(newline: number, take: Take): void {
    const length = this.#held.length + this.#skipped + newline;
    const text = this.#held;
    this.#held = '';
    this.#skipped = 0;
    this.#give(text, length, take);
  }

  #give(raw: string, length: number, take: Take): void {
    const text = raw.endsWith('\r') ? raw.slice(0, -1) : raw;
    const byte = this.#byte;
    this.#byte += length;
    const line = this.#line;
    this.#line += 1;
    take(text, byte, this.#byte, line);
  }

  #hold(part: string): void {
    const room = Math.max(0, MAX_LINE - this.#held.length);
    this.#skipped += Math.max(0, part.length - room);
    this.#held += part.length <= room ? part : part.slice(0, room);
  }
}
