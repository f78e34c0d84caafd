/** A line of a byte stream. Offsets count raw bytes of the stream, line numbers start at 1. */
export interface RawLine {
  readonly byte: number;
  /** Offset behind the last byte of the line, its newline included. */
  readonly endByte: number;
  readonly line: number;
  /** The text without its line end; invalid UTF-8 has become U+FFFD. */
  readonly text: string;
  /** The line was longer than the limit; `text` is its beginning. */
  readonly cut: boolean;
}

/** A place in a byte stream, at the start of a line. */
export interface StreamPlace {
  readonly byte: number;
  readonly line: number;
}

/** Longest text kept of one line, in bytes. Longer lines are cut, so that a stream without newlines cannot fill the memory. */
export const MAX_LINE_BYTES = 64 * 1024;

const NL = 0x0a;
const CR = 0x0d;

/**
 * Cuts a byte stream into lines, whatever its chunks. `\r\n` and `\n` end a line; a lone `\r` stays in the text.
 * `flush` hands out what stands behind the last newline; what comes after it belongs to the same line number.
 */
export class LineSplitter {
  #held: Uint8Array[] = [];
  #heldBytes = 0;
  #dropped = 0;
  #byte: number;
  #start: number;
  #line: number;
  readonly #decoder = new TextDecoder('utf-8', { fatal: false, ignoreBOM: true });
  readonly #maxBytes: number;

  /** `at` says where the first byte stands, when it is not the first of its stream. */
  constructor(maxBytes = MAX_LINE_BYTES, at: StreamPlace = { byte: 0, line: 1 }) {
    this.#maxBytes = maxBytes;
    this.#byte = at.byte;
    this.#start = at.byte;
    this.#line = at.line;
  }

  push(chunk: Uint8Array, emit: (line: RawLine) => void): void {
    let from = 0;
    for (;;) {
      const at = chunk.indexOf(NL, from);
      if (at < 0) break;
      this.#hold(chunk.subarray(from, at));
      this.#byte += at + 1 - from;
      emit(this.#take());
      this.#line += 1;
      from = at + 1;
    }
    if (from < chunk.length) {
      this.#hold(chunk.subarray(from), true);
      this.#byte += chunk.length - from;
    }
  }

  flush(emit: (line: RawLine) => void): void {
    if (this.#byte > this.#start) emit(this.#take());
  }

  /** True when nothing of the next line has come yet. */
  get atLineStart(): boolean {
    return this.#byte === this.#start;
  }

  /** Passes over so many bytes, which are so many whole lines. Needs `atLineStart`. */
  skip(bytes: number, lines: number): void {
    this.#line += lines;
    this.#byte += bytes;
    this.#start = this.#byte;
  }

  /** The unfinished line, decoded; undefined when the stream stands at a line start. */
  get pending(): string | undefined {
    return this.#heldBytes === 0 ? undefined : this.#decoder.decode(Buffer.concat(this.#held));
  }

  /** Copies what is to outlast the chunk. */
  #hold(part: Uint8Array, copied = false): void {
    const room = this.#maxBytes - this.#heldBytes;
    const kept = part.length <= room ? part : part.subarray(0, room);
    if (kept.length > 0) this.#held.push(copied ? new Uint8Array(kept) : kept);
    this.#heldBytes += kept.length;
    this.#dropped += part.length - kept.length;
  }

  #take(): RawLine {
    const only = this.#held.length === 1 ? this.#held[0] : undefined;
    let bytes: Uint8Array = only ?? Buffer.concat(this.#held);
    if (bytes[bytes.length - 1] === CR) bytes = bytes.subarray(0, -1);
    const line: RawLine = {
      byte: this.#start,
      endByte: this.#byte,
      line: this.#line,
      text: this.#decoder.decode(bytes),
      cut: this.#dropped > 0,
    };
    this.#held = [];
    this.#heldBytes = 0;
    this.#dropped = 0;
    this.#start = this.#byte;
    return line;
  }
}
