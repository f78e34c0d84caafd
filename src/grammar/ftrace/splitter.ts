import { parseEventLine, utf8 } from './prefix.ts';
import type { FtraceEvent, FtraceRecord, Place } from './record.ts';

/** The kernel's own limit of a line is a page (TRACE_SEQ_BUFFER_SIZE); what is longer is no event. */
const MAX_LINE = 16 * 1024;
const MAX_FRAMES = 128;

type Emit = (record: FtraceRecord) => void;

/**
 * Cuts the text of `trace` and `trace_pipe` into records, in any chunks. Never throws; holds one line and one stack.
 * Payloads are left as text: `payloadFields` takes apart those that somebody asks for.
 */
export class FtraceSplitter {
  #held = '';
  /** Offset of the held line's first byte. */
  #byte = 0;
  #line = 1;
  /** The held line was longer than MAX_LINE; its rest is being skipped. */
  #skipped = 0;
  #stack: { event: FtraceEvent; space: 'kernel' | 'user'; frames: string[]; endByte: number } | null = null;

  push(chunk: Uint8Array, emit: Emit): void {
    // One character a byte, so that offsets into the text are offsets into the stream.
    const fresh = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength).toString('latin1');
    const end = fresh.indexOf('\n');
    if (end < 0) {
      this.#hold(fresh);
      return;
    }
    this.#hold(fresh.slice(0, end));
    this.#take(this.#held, this.#held.length + this.#skipped + 1, emit);
    this.#held = '';
    this.#skipped = 0;
    let from = end + 1;
    for (;;) {
      const at = fresh.indexOf('\n', from);
      if (at < 0) break;
      this.#take(fresh.slice(from, Math.min(at, from + MAX_LINE)), at - from + 1, emit);
      from = at + 1;
    }
    this.#hold(fresh.slice(from));
  }

  /** What stands behind the last newline, and an open stack. */
  flush(emit: Emit): void {
    const length = this.#held.length + this.#skipped;
    if (length > 0) this.#take(this.#held, length, emit);
    this.#held = '';
    this.#skipped = 0;
    this.#endStack(emit);
  }

  #hold(part: string): void {
    const room = Math.max(0, MAX_LINE - this.#held.length);
    this.#skipped += Math.max(0, part.length - room);
    this.#held += part.length <= room ? part : part.slice(0, room);
  }

  #take(raw: string, length: number, emit: Emit): void {
    const text = raw.endsWith('\r') ? raw.slice(0, -1) : raw;
    const byte = this.#byte;
    const endByte = byte + length;
    const line = this.#line;
    this.#byte = endByte;
    this.#line += 1;

    if (this.#stack) {
      if (text.startsWith(' => ') && this.#stack.frames.length < MAX_FRAMES) {
        this.#stack.frames.push(utf8(text.slice(4)));
        this.#stack.endByte = endByte;
        return;
      }
      this.#endStack(emit);
    }
    const place = { byte, endByte, line };
    const event = parseEventLine(text, place);
    if (event) {
      const space = event.payload === '' ? STACKS[event.name] : undefined;
      if (space === undefined) emit(event);
      else this.#stack = { event, space, frames: [], endByte };
      return;
    }
    emit(otherLine(text, place));
  }

  #endStack(emit: Emit): void {
    const stack = this.#stack;
    if (!stack) return;
    this.#stack = null;
    const { event, space, frames, endByte } = stack;
    emit({ kind: 'stack', event, space, frames, byte: event.byte, endByte, line: event.line });
  }
}

const STACKS: Readonly<Record<string, 'kernel' | 'user'>> = {
  '<stack trace>': 'kernel',
  '<user stack trace>': 'user',
};

/** kernel/trace/trace.c: `CPU:%d [LOST %lu EVENTS]`, without the number when it is unknown; trace-cmd says `DROPPED`. */
const LOST = /^CPU:(\d+) \[(?:LOST (?:(\d+) )?EVENTS|(?:(\d+) )?EVENTS DROPPED)\]\s*$/;
/** `# entries-in-buffer/entries-written: 452/9266   #P:2`: what is missing was overwritten before the reader came. */
const WRITTEN = /^# entries-in-buffer\/entries-written: (\d+)\/(\d+)/;

function otherLine(text: string, place: Place): FtraceRecord {
  const lost = text.startsWith('CPU:') ? LOST.exec(text) : null;
  if (lost) {
    const count = lost[2] ?? lost[3];
    return { kind: 'lost', cpu: Number(lost[1]), lost: count === undefined ? null : Number(count), ...place };
  }
  const written = text.startsWith('# entries') ? WRITTEN.exec(text) : null;
  const overwritten = written ? Number(written[2]) - Number(written[1]) : 0;
  if (overwritten > 0) return { kind: 'lost', cpu: null, lost: overwritten, ...place };
  return { kind: text.startsWith('#') ? 'header' : 'text', text: utf8(text), ...place };
}
