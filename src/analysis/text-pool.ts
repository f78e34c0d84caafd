const MAX_POOLED = 4096;
const LONGEST_SLICE_COPIED = 12;

/**
 * Copies of short texts that analyses keep. A text cut from a chunk keeps the whole chunk in memory (V8 slices do, from 13
 * characters on); one kept from each of thousands of chunks would be hundreds of megabytes. Names that come again are shared.
 */
export class TextPool {
  readonly #known = new Map<string, string>();

  /** For what has few different values: names, classes, places in the code. */
  shared(text: string): string {
    const known = this.#known.get(text);
    if (known !== undefined) return known;
    if (this.#known.size >= MAX_POOLED) this.#known.clear();
    const copy = copyText(text);
    this.#known.set(copy, copy);
    return copy;
  }
}

/** For what is different each time. */
export function copyText(text: string): string {
  return text.length <= LONGEST_SLICE_COPIED ? text : Buffer.from(text, 'utf16le').toString('utf16le');
}
