import type { StreamPlace } from '../base/lines.ts';
import type { RecordPlace } from './record-line.ts';

/** Longest object that is kept. journald lets a field have 768 MiB; a message of the kernel has a kilobyte. */
const MAX_OBJECT = 256 * 1024;

const NL = 0x0a;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN = 0x7b;
const CLOSE = 0x7d;

/**
 * Cuts the innermost objects out of a stream of JSON: one document or many, on one line or pretty-printed, of any length. What is
 * damaged costs its own object only, because JSON has no line end within a string: there, the reader takes a fresh start.
 */
export class JsonObjects {
  #held: Uint8Array[] = [];
  #heldBytes = 0;
  #within = false;
  #string = false;
  #escaped = false;
  #byte: number;
  #line: number;
  #start: StreamPlace;

  /** `at` says where the first byte stands. */
  constructor(at: StreamPlace = { byte: 0, line: 1 }) {
    this.#byte = at.byte;
    this.#line = at.line;
    this.#start = at;
  }

  /** `emit` gets the text of an object, null for one that is too long. */
  push(chunk: Uint8Array, emit: (json: string | null, place: RecordPlace) => void): void {
    let from = 0;
    for (let i = 0; i < chunk.length; i++) {
      const code = chunk[i];
      if (code === NL) {
        this.#line += 1;
        if (this.#string) this.#reset();
      } else if (this.#string) {
        if (this.#escaped) this.#escaped = false;
        else if (code === BACKSLASH) this.#escaped = true;
        else if (code === QUOTE) this.#string = false;
      } else if (code === QUOTE) this.#string = this.#within;
      else if (code === OPEN) {
        this.#reset();
        this.#within = true;
        this.#start = { byte: this.#byte + i, line: this.#line };
        from = i;
      } else if (code === CLOSE && this.#within) {
        this.#hold(chunk.subarray(from, i + 1));
        const json = this.#heldBytes > MAX_OBJECT ? null : Buffer.concat(this.#held).toString('utf8');
        const place = { ...this.#start, endByte: this.#byte + i + 1 };
        this.#reset();
        emit(json, place);
      }
    }
    if (this.#within) this.#hold(new Uint8Array(chunk.subarray(from)));
    this.#byte += chunk.length;
  }

  #hold(part: Uint8Array): void {
    this.#heldBytes += part.length;
    if (this.#heldBytes <= MAX_OBJECT) this.#held.push(part);
    else this.#held = [];
  }

  #reset(): void {
    this.#held = [];
    this.#heldBytes = 0;
    this.#within = false;
    this.#string = false;
    this.#escaped = false;
  }
}
