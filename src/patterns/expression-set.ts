import { RE2JS, RE2Set } from 're2js';

/** As many are searched one by one: a set is worth its compilation only for more. */
const FEW = 8;
/** A compiled set has a largest size (re2js, Parser.MAX_SIZE); parts of this many expressions stay below it. */
const PART = 256;

/** Many expressions that are searched for in one pass over a text (RE2Set), however many there are. */
export class ExpressionSet {
  readonly #sources: string[] = [];
  #parts: readonly Part[] | undefined;

  /** Returns the number by which `hits` names it. The expression was checked by the schema. */
  add(regex: string): number {
    this.#parts = undefined;
    return this.#sources.push(regex) - 1;
  }

  addText(text: string): number {
    return this.add(RE2JS.quote(text));
  }

  /** Numbers of the expressions that occur in the text. */
  hits(text: string): readonly number[] {
    this.#parts ??= compileParts(this.#sources);
    return this.#parts.flatMap((part) => part(text));
  }
}

type Part = (text: string) => readonly number[];

function compileParts(sources: readonly string[]): Part[] {
  if (sources.length <= FEW) return sources.map((source, i) => single(source, i));
  const parts: Part[] = [];
  for (let from = 0; from < sources.length; from += PART)
    parts.push(...together(sources.slice(from, from + PART), from));
  return parts;
}

function together(sources: readonly string[], from: number): Part[] {
  const set = new RE2Set(RE2Set.UNANCHORED, RE2JS.MULTILINE);
  for (const source of sources) set.add(source);
  try {
    set.compile();
    return [(text) => set.match(text).map((i) => from + i)];
  } catch {
    // Large ones: half as many are half as large.
    const half = Math.ceil(sources.length / 2);
    if (sources.length <= FEW) return sources.map((source, i) => single(source, from + i));
    return [...together(sources.slice(0, half), from), ...together(sources.slice(half), from + half)];
  }
}

function single(source: string, number: number): Part {
  const re = RE2JS.compile(source, RE2JS.MULTILINE);
  return (text) => (re.test(text) ? [number] : []);
}
