import { MAX_LINE_BYTES } from '../base/lines.ts';
import type { WordScanner } from '../grammar/word-scan.ts';

/** What a log is read by. */
export interface SkimmedReader {
  /** Whole lines may be passed over: nothing is open, nothing is left to learn. */
  canPass(): boolean;
  read(bytes: Uint8Array): void;
  /** Whether a line with a word has to be read, as far as it says by itself. */
  matters(line: Uint8Array): boolean;
  /** Whole lines that are not read. */
  pass(bytes: number, lines: number): void;
}

const NL = 0x0a;
/** A log that is no longer than this is read: to get ready to skim takes as long. */
const BEGINNING = 64 * 1024;
/** Lines before one with a word that are read, too: a headline may have its story begun there, and records of /dev/kmsg have properties. */
const LEAD_LINES = 32;
/** Bytes read at a time while nothing may be passed over. */
const READ = 4096;

/**
 * Passes over the lines of a long log that cannot matter. Most logs are clean: where no word of a headline stands, lines are only
 * counted, but for those right before a word. What is read, and in which order, does not depend on the chunks.
 */
export class Skimmer {
  readonly #scanner: () => WordScanner;
  readonly #reader: SkimmedReader;
  #beginning = BEGINNING;
  /** The last lines that were passed over, which the reader has not been told of: they may lead to what comes next. */
  #lead: Uint8Array = NOTHING;
  #leadLines = 0;
  /** A line that has not ended. */
  #rest: Uint8Array = NOTHING;

  constructor(scanner: () => WordScanner, reader: SkimmedReader) {
    this.#scanner = scanner;
    this.#reader = reader;
  }

  /** The bytes may be overwritten afterwards. */
  push(bytes: Uint8Array): void {
    let from = 0;
    if (this.#beginning > 0) {
      from = Math.min(this.#beginning, bytes.length);
      this.#beginning -= from;
      this.#reader.read(bytes.subarray(0, from));
    }
    if (this.#rest.length > 0) from = this.#endRest(bytes);
    const end = Math.max(from, bytes.lastIndexOf(NL) + 1);
    if (from < end) this.#lines(bytes.subarray(from, end));
    if (end < bytes.length) this.#hold(bytes.subarray(end));
  }

  /** What is held back is read: the log ends here, or goes on elsewhere. */
  flush(): void {
    const rest = this.#rest;
    this.#rest = NOTHING;
    this.#readLead();
    if (rest.length > 0) this.#reader.read(rest);
  }

  /** Gives the line that had not ended what is still missing; where the next one begins. */
  #endRest(bytes: Uint8Array): number {
    const end = bytes.indexOf(NL) + 1 || bytes.length;
    const line = Buffer.concat([this.#rest, bytes.subarray(0, end)]);
    this.#rest = NOTHING;
    if (line.at(-1) === NL) this.#lines(line);
    else this.#hold(line);
    return end;
  }

  #hold(bytes: Uint8Array): void {
    if (this.#reader.canPass() && bytes.length <= MAX_LINE_BYTES) {
      this.#rest = new Uint8Array(bytes);
      return;
    }
    this.#readLead();
    this.#reader.read(bytes);
  }

  /** Bytes up to the end of a line. */
  #lines(bytes: Uint8Array): void {
    for (let from = 0; from < bytes.length; ) {
      if (!this.#reader.canPass()) {
        this.#readLead();
        const end = bytes.indexOf(NL, Math.min(from + READ, bytes.length) - 1) + 1;
        this.#reader.read(bytes.subarray(from, end));
        from = end;
        continue;
      }
      const { start, end, lines } = this.#nextThatMatters(bytes, from);
      this.#pass(bytes.subarray(from, start), lines);
      if (start < end) {
        this.#readLead();
        this.#reader.read(bytes.subarray(start, end));
      }
      from = end;
    }
  }

  /** The next line that has to be read, and how many there are before it; an empty one at the end of the bytes. */
  #nextThatMatters(bytes: Uint8Array, from: number): { start: number; end: number; lines: number } {
    let lines = 0;
    for (let at = from; ; ) {
      const found = this.#scanner().find(bytes, at);
      lines += found.lines;
      if (found.at === bytes.length) return { start: bytes.length, end: bytes.length, lines };
      const start = lineStart(bytes, found.at);
      const end = bytes.indexOf(NL, found.at) + 1;
      if (end - start > MAX_LINE_BYTES || this.#reader.matters(bytes.subarray(start, end)))
        return { start, end, lines };
      lines += 1;
      at = end;
    }
  }

  /** Keeps the last lines, and tells of those before them. */
  #pass(bytes: Uint8Array, lines: number): void {
    if (bytes.length === 0) return;
    const kept = lines < LEAD_LINES ? Buffer.concat([this.#lead, bytes]) : bytes;
    const known = lines < LEAD_LINES ? this.#leadLines + lines : lines;
    if (kept === bytes && this.#leadLines > 0) this.#reader.pass(this.#lead.length, this.#leadLines);
    const from = startOfLast(kept, Math.min(known, LEAD_LINES));
    if (from > 0) this.#reader.pass(from, known - LEAD_LINES);
    this.#lead = new Uint8Array(kept.subarray(from));
    this.#leadLines = Math.min(known, LEAD_LINES);
  }

  #readLead(): void {
    if (this.#leadLines === 0) return;
    const lead = this.#lead;
    this.#lead = NOTHING;
    this.#leadLines = 0;
    this.#reader.read(lead);
  }
}

const NOTHING = new Uint8Array(0);

/** Where the last `count` lines begin, of bytes that end in a line end. */
function startOfLast(bytes: Uint8Array, count: number): number {
  let start = bytes.length;
  for (let i = 0; i < count && start > 0; i++) start = lineStart(bytes, start - 1);
  return start;
}

function lineStart(bytes: Uint8Array, at: number): number {
  return at === 0 ? 0 : bytes.lastIndexOf(NL, at - 1) + 1;
}
