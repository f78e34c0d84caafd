import { decodeJsonLine, unread } from './decode-json.ts';
import { TextOutput } from './decode-text.ts';
import type { Message } from './message.ts';

export interface ReaderOptions {
  /** Default: told from the first bytes that are not blank. */
  readonly mode?: 'json' | 'text';
  /** A longer line is cut; of a map dump the entries before stay. Default 8 MiB. */
  readonly maxLineBytes?: number;
}

const NL = 0x0a;
const MAX_LINE_BYTES = 8 * 1024 * 1024;

/**
 * Streaming decoder of what bpftrace writes to stdout, versions 0.17 to 0.26, in any chunks. Never throws; what it cannot
 * read comes as an `unread` message. Holds at most one line, and in text mode one histogram.
 */
export class BpftraceReader {
  #mode: 'json' | 'text' | undefined;
  readonly #max: number;
  readonly #text = new TextOutput();
  #parts: Buffer[] = [];
  #size = 0;
  #over = false;

  constructor(options: ReaderOptions = {}) {
    this.#mode = options.mode;
    this.#max = options.maxLineBytes ?? MAX_LINE_BYTES;
  }

  push(bytes: Uint8Array): Message[] {
    const messages: Message[] = [];
    const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    let from = 0;
    for (;;) {
      const at = view.indexOf(NL, from);
      if (at < 0) break;
      if (this.#size === 0 && at - from <= this.#max) {
        this.#line(view.toString('utf8', from, at), false, messages);
      } else {
        this.#hold(view.subarray(from, at));
        this.#held(this.#over, messages);
      }
      from = at + 1;
    }
    if (from < view.length) this.#hold(view.subarray(from));
    return messages;
  }

  /** What stands behind the last newline: bpftrace was killed within it. */
  end(): Message[] {
    const messages: Message[] = [];
    if (this.#size > 0) this.#held(true, messages);
    this.#text.end((message) => messages.push(message));
    return messages;
  }

  #hold(part: Buffer): void {
    const kept = part.subarray(0, Math.max(0, this.#max - this.#size));
    // A copy, since the caller may use its buffer again.
    if (kept.length > 0) this.#parts.push(Buffer.from(kept));
    this.#size += kept.length;
    if (kept.length < part.length) this.#over = true;
  }

  #held(cut: boolean, messages: Message[]): void {
    const text = Buffer.concat(this.#parts).toString('utf8');
    this.#parts = [];
    this.#size = 0;
    this.#over = false;
    this.#line(text, cut, messages);
  }

  #line(text: string, cut: boolean, messages: Message[]): void {
    if (this.#mode === undefined) {
      if (text.trim() === '') return;
      this.#mode = text.startsWith('{"type"') ? 'json' : 'text';
    }
    if (this.#mode === 'text') this.#text.line(text, cut, (message) => messages.push(message));
    else if (cut && !text.startsWith('{')) messages.push(unread(text, 'cut'));
    else if (text !== '') decodeJsonLine(text, cut, messages);
  }
}
