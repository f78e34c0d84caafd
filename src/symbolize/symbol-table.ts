import type { Elf, ElfSymbol, Section } from './elf.ts';

/** A place in code: what a line table is asked for. */
export interface CodePlace {
  readonly section: Section;
  /** Bytes from the beginning of the section. */
  readonly at: number;
}

/**
 * `found`: the one function of that name and size. `other-size`: there are only functions of other sizes, so that the file is
 * of another build. `ambiguous`: several functions fit.
 */
export type Lookup =
  | { readonly kind: 'found'; readonly place: CodePlace }
  | { readonly kind: 'unknown' | 'ambiguous' }
  | { readonly kind: 'other-size'; readonly sizes: readonly number[] };

interface Placed extends ElfSymbol {
  /** Where it would stand in memory, comparable between the sections that are loaded together. */
  readonly position: bigint;
}

/** Symbols between a function and the next one that kallsyms knows: marks of linker scripts and the like. */
const MAX_BETWEEN = 4;
/** Behind the last function the kernel counts up to the end of its memory, which ends with a page. */
const PAGE = 4096;
/** The loader fills `.plt` with jumps to what is far away (arch/arm64/kernel/module-plts.c), and it counts for the function before. */
const MAX_PLT = 16 * PAGE;

/**
 * Functions by name, with the sizes that the kernel prints: they reach to the next symbol (kernel/kallsyms.c get_symbol_pos,
 * kernel/module/kallsyms.c find_kallsyms_symbol), so that what fills the gap between functions counts.
 */
export class SymbolTable {
  readonly #elf: Elf;
  /** What may stand behind the last function. */
  readonly #slack: number;
  readonly #byName = new Map<string, Placed[]>();
  /** Positions of all symbols, each once, ascending; those of `.init` sections apart. */
  readonly #positions: Readonly<Record<'core' | 'init', BigUint64Array>>;

  constructor(elf: Elf, symbols: readonly ElfSymbol[]) {
    this.#elf = elf;
    this.#slack = elf.relocatable && elf.sections.some(({ name }) => name === '.plt') ? MAX_PLT + PAGE : PAGE;
    const bases = elf.relocatable ? loaderLayout(elf.sections) : undefined;
    const positions = { core: [] as bigint[], init: [] as bigint[] };
    for (const symbol of symbols) {
      const section = elf.sections[symbol.section];
      if (section === undefined) continue;
      const position = (bases?.get(symbol.section) ?? section.address) + BigInt(symbol.at);
      positions[areaOf(elf, section)].push(position);
      const name = plainName(symbol.name);
      const same = this.#byName.get(name);
      const placed = { ...symbol, position };
      if (same === undefined) this.#byName.set(name, [placed]);
      else same.push(placed);
    }
    this.#positions = { core: ascending(positions.core), init: ascending(positions.init) };
  }

  /** `fn+offset/size`, where `fn` has no compiler suffix: `foo.cold` and `foo` are told apart by their sizes. */
  find(fn: string, offset: number, size: number): Lookup {
    const named = this.#byName.get(plainName(fn)) ?? [];
    if (named.length === 0) return { kind: 'unknown' };
    const fitting = named.filter((symbol) => this.#hasSize(symbol, size));
    if (fitting.length === 0)
      return { kind: 'other-size', sizes: named.map((symbol) => this.#sizes(symbol)[0] ?? symbol.size) };
    const places = new Map(fitting.map((symbol) => [symbol.position, symbol]));
    const [symbol] = places.values();
    const section = this.#elf.sections[symbol?.section ?? 0];
    if (places.size > 1 || symbol === undefined || section === undefined) return { kind: 'ambiguous' };
    return { kind: 'found', place: { section, at: symbol.at + offset } };
  }

  /** The beginning of the only function of that name. */
  start(fn: string): CodePlace | undefined {
    const [symbol, ...more] = this.#byName.get(fn) ?? [];
    const section = this.#elf.sections[symbol?.section ?? 0];
    return symbol === undefined || section === undefined || more.length > 0 ? undefined : { section, at: symbol.at };
  }

  #hasSize(symbol: Placed, size: number): boolean {
    const sizes = this.#sizes(symbol);
    if (sizes.includes(size)) return true;
    return sizes.length <= 1 && size >= symbol.size && size < symbol.size + this.#slack;
  }

  /** To the next symbol and to a few behind it, then what the compiler says. Only the last of these for the last symbol. */
  #sizes(symbol: Placed): number[] {
    const positions = this.#positions[areaOf(this.#elf, this.#elf.sections[symbol.section])];
    const sizes: number[] = [];
    for (let at = firstAbove(positions, symbol.position); at < positions.length && sizes.length < MAX_BETWEEN; at++) {
      const size = Number((positions[at] ?? 0n) - symbol.position);
      if (size >= symbol.size) sizes.push(size);
    }
    return [...sizes, symbol.size];
  }
}

/** `foo.isra.0`, `foo.cold`, `foo.llvm.123`: the name behind which compilers append. */
function plainName(name: string): string {
  const dot = name.indexOf('.');
  return dot > 0 ? name.slice(0, dot) : name;
}

/** The loader puts sections whose names begin with `.init` apart (kernel/module/main.c module_init_layout_section). */
function areaOf({ relocatable }: Pick<Elf, 'relocatable'>, section: Section | undefined): 'core' | 'init' {
  return relocatable && section?.name.startsWith('.init') ? 'init' : 'core';
}

/** Executable sections one behind the other, each aligned, as kernel/module/main.c layout_sections places them. */
function loaderLayout(sections: readonly Section[]): ReadonlyMap<number, bigint> {
  const bases = new Map<number, bigint>();
  const ends = { core: 0, init: 0 };
  for (const section of sections) {
    if (!section.executable) continue;
    const area = areaOf({ relocatable: true }, section);
    const align = section.align > 1 && section.align <= PAGE ? section.align : 1;
    const base = Math.ceil(ends[area] / align) * align;
    bases.set(section.index, BigInt(base));
    ends[area] = base + section.size;
  }
  return bases;
}

function ascending(positions: readonly bigint[]): BigUint64Array {
  return BigUint64Array.from(new Set(positions)).sort();
}

/** Index of the first position above `from`. */
function firstAbove(positions: BigUint64Array, from: bigint): number {
  let low = 0;
  let high = positions.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((positions[middle] ?? 0n) <= from) low = middle + 1;
    else high = middle;
  }
  return low;
}
