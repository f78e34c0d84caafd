import type { Place } from './print-format.ts';

/** `ffffffffc05e6000 t vexfs_fill_super	[vexfs]`, a line of /proc/kallsyms (kernel/kallsyms.c, s_show). */
const LINE = /^([0-9a-f]{8,16}) ([a-zA-Z]) (\S{1,512})\t\[([\w-]{1,64})\]$/;
const CODE = /^[tTwW]$/;
const MAX_SYMBOLS = 200_000;
/** Nothing says how long the last function is. */
const LONGEST = 0x10_0000n;

interface Symbol {
  readonly address: bigint;
  readonly name: string;
  readonly module: string;
}

/** Where the functions of modules lie. */
export class ModuleSymbols {
  readonly #symbols: Symbol[] = [];
  #sorted = true;

  add(lines: string): void {
    for (const line of lines.split('\n')) {
      const [, address = '', type = '', name = '', module = ''] = LINE.exec(line) ?? [];
      if (!CODE.test(type) || this.#symbols.length >= MAX_SYMBOLS) continue;
      this.#symbols.push({ address: BigInt(`0x${address}`), name, module });
      this.#sorted = false;
    }
  }

  /** The function that holds an address; it reaches to the next one, as the kernel counts it. */
  find(address: bigint): Place | undefined {
    if (!this.#sorted) this.#symbols.sort((a, b) => (a.address < b.address ? -1 : a.address > b.address ? 1 : 0));
    this.#sorted = true;
    let [low, high] = [0, this.#symbols.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#symbols[middle] as Symbol).address <= address) low = middle + 1;
      else high = middle;
    }
    const symbol = this.#symbols[low - 1];
    if (symbol === undefined) return undefined;
    const end = this.#symbols.slice(low, low + 64).find((next) => next.address > symbol.address)?.address;
    const size = (end ?? symbol.address + LONGEST) - symbol.address;
    if (address - symbol.address >= size || size > LONGEST) return undefined;
    return { name: symbol.name, offset: Number(address - symbol.address), size: Number(size), module: symbol.module };
  }
}
