/**
 * The last bytes of a stream, so that what turns out to matter can be shown as it came. Keeps at least `limit` bytes of
 * what was pushed, and at most one part more.
 */
export class ByteTail {
  readonly #limit: number;
  #parts: { readonly from: number; readonly bytes: Uint8Array }[] = [];
  #kept = 0;
  #end = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Copies: the caller may reuse its memory, and a short part must not keep a long buffer alive. */
  push(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.#parts.push({ from: this.#end, bytes: new Uint8Array(bytes) });
    this.#end += bytes.length;
    this.#kept += bytes.length;
    let first = this.#parts[0];
    while (first !== undefined && this.#kept - first.bytes.length >= this.#limit) {
      this.#kept -= first.bytes.length;
      this.#parts.shift();
      first = this.#parts[0];
    }
  }

  /** Bytes that nobody will ask for; what was before them is forgotten, too. */
  skip(count: number): void {
    this.#end += count;
    this.#parts = [];
    this.#kept = 0;
  }

  /** The bytes from one offset of the stream up to another, and how many at the beginning are gone. */
  slice(from: number, to: number): { readonly bytes: Uint8Array; readonly missing: number } {
    const start = Math.max(from, this.#parts[0]?.from ?? this.#end);
    const end = Math.max(start, Math.min(to, this.#end));
    const bytes = new Uint8Array(end - start);
    for (const part of this.#parts) {
      const partEnd = part.from + part.bytes.length;
      if (partEnd <= start || part.from >= end) continue;
      const piece = part.bytes.subarray(Math.max(0, start - part.from), end - part.from);
      bytes.set(piece, Math.max(part.from, start) - start);
    }
    return { bytes, missing: Math.max(0, Math.min(start, to) - from) };
  }
}
