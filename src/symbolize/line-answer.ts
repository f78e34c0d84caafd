/** A function at a place in its source; the innermost of inlined ones first. */
export interface SourceFrame {
  readonly fn: string;
  /** Absent where the tool knows the function only. */
  readonly file?: string;
  readonly line?: number;
}

/** Functions that are inlined into each other at one place; more is no compiler's work. */
const MAX_DEPTH = 256;

/** What a batch ends with: no kernel code stands at the last byte of the address space. */
export const END = 0xffff_ffff_ffff_ffffn;

/**
 * Reads what `addr2line -a -f -i` and `llvm-symbolizer --output-style=GNU -a -f -i` write: for each address a line that repeats
 * it, then two lines a function, its name and `file:line`. That an answer is whole shows only when the next one begins, so that
 * a batch ends with an address that stands for nothing.
 */
export class AnswerReader {
  readonly #wanted: readonly bigint[];
  readonly #answers: SourceFrame[][] = [];
  #fn: string | undefined;

  constructor(addresses: readonly bigint[]) {
    this.#wanted = [...addresses, END];
  }

  /** The answers once the last line has come; `broken` when the output is not what was asked for. */
  push(line: string): 'more' | 'broken' | readonly (readonly SourceFrame[])[] {
    if (this.#fn !== undefined) return this.#place(this.#fn, line);
    const next = this.#wanted[this.#answers.length];
    if (next !== undefined && isAddress(line, next)) this.#answers.push([]);
    else if (this.#answers.length === 0) return 'broken';
    else this.#fn = line;
    return 'more';
  }

  #place(fn: string, line: string): 'more' | 'broken' | readonly (readonly SourceFrame[])[] {
    this.#fn = undefined;
    if (this.#answers.length === this.#wanted.length) return this.#answers.slice(0, -1);
    const frames = this.#answers.at(-1);
    if (frames === undefined || frames.length >= MAX_DEPTH) return 'broken';
    if (fn !== UNKNOWN) frames.push({ fn, ...placeOf(line) });
    return 'more';
  }
}

const UNKNOWN = '??';

/** `addr2line` fills up with zeros to the width of the file's addresses, `llvm-symbolizer` does not. */
function isAddress(line: string, address: bigint): boolean {
  if (!/^0x[0-9a-f]{1,16}$/i.test(line)) return false;
  const read = BigInt(line);
  return read === address || (line.length === '0x'.length + 8 && read === BigInt.asUintN(32, address));
}

/** `fs/a.c:12`, `fs/a.c:12 (discriminator 3)`, `??:0`, `fs/a.c:?`. */
function placeOf(text: string): { readonly file: string; readonly line: number } | undefined {
  const bare = text.replace(/ \(discriminator \d+\)$/, '');
  const colon = bare.lastIndexOf(':');
  const file = bare.slice(0, Math.max(colon, 0));
  const line = Number(bare.slice(colon + 1));
  return file === '' || file === UNKNOWN || !Number.isInteger(line) || line < 1 ? undefined : { file, line };
}
