import { hexOf } from './values.ts';

/**
 * Reads the register blocks of all architectures: `RAX: … RBX: …` (x86), `x29: … x28: …` (arm64), `r10: …  r9 : …` and `pc : [<…>]` (arm),
 * ` a0 : …` (riscv), `GPR00: …` with four or eight values a row (powerpc), `Krnl GPRS: …` with rows that have no name (s390).
 * The first value of each register counts: what follows is another CPU's, or the same again.
 */
export class RegisterReader {
  readonly registers: Record<string, string> = {};
  /** The register that the next row without names begins with, as s390 prints them. */
  #next: number | undefined;

  read(text: string): void {
    const row = NUMBERED.exec(text);
    if (row) this.#row(Number(row[1] ?? 0), row[2] ?? '');
    else if (this.#next !== undefined && UNNAMED.test(text)) this.#row(this.#next, text);
    else for (const m of text.matchAll(NAMED)) this.#set(m[1] ?? '', m[2] ?? '');
  }

  /** The status word that s390 prints in place of an instruction pointer. */
  readStatusWord({ mask, at }: Readonly<Record<string, string>>): void {
    if (mask !== undefined) this.#set('PSWM', mask);
    if (at !== undefined) this.#set('PSWA', at);
  }

  #row(from: number, values: string): void {
    let number = from;
    for (const value of values.split(' ').filter(Boolean).slice(0, MAX_ROW)) this.#set(`GPR${number++}`, value);
    this.#next = number < REGISTERS ? number : undefined;
  }

  #set(name: string, digits: string): void {
    this.registers[name] ??= hexOf(digits);
  }
}

const NAMED = /\b([A-Za-z_][A-Za-z0-9_]{1,8}) {0,2}: {0,2}(?:[0-9a-f]{4}:)?\[?<?([0-9a-f]{8,16})\b/g;
const NUMBERED = /^(?:GPR(\d\d)|(?:Krnl|User) GPRS): ((?:[0-9a-f]{8,16} ?)+)/;
const UNNAMED = /^ {2,}(?:[0-9a-f]{16} ?){1,4}$/;
const MAX_ROW = 8;
const REGISTERS = 32;
