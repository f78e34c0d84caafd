import { statSync } from 'node:fs';
import { posix } from 'node:path';
import { ExpectedError, messageOf } from '../base/errors.ts';
import { withFileBytes } from './bytes.ts';
import { readCompileDir } from './compile-dir.ts';
import { type Elf, readElf, readSymbols } from './elf.ts';
import type { SourceFrame } from './line-answer.ts';
import { LineProcess } from './line-process.ts';
import { findLineTool, type LineTool } from './line-tool.ts';
import { MACHINES, type Machine } from './programs.ts';
import { type CodePlace, type Lookup, SymbolTable } from './symbol-table.ts';

/** Places whose sources are remembered. */
const MAX_KNOWN = 100_000;
/**
 * Functions of every kernel, or of every one of a processor, and their files: what stands before those is the source tree. The
 * compiler and the assembler may have been told different names for it.
 */
const LANDMARKS: readonly (readonly [fn: string, file: string])[] = [
  ['start_kernel', '/init/main.c'],
  ['entry_SYSCALL_64', '/arch/x86/entry/entry_64.S'],
];

/**
 * A kernel or module with debug information: names to places, places to sources. Headers are read when it is opened, the rest
 * with the first question. Whoever opens it closes it.
 */
export class SymbolFile {
  readonly path: string;
  readonly machine: Machine;
  readonly buildId: string | undefined;
  readonly #elf: Elf;
  readonly #tool: LineTool;
  /** By command: one a section where sections have no addresses of their own, else one. */
  readonly #processes = new Map<string, LineProcess>();
  readonly #known = new Map<string, readonly SourceFrame[]>();
  #table: SymbolTable | undefined;
  #roots: Promise<readonly string[]> | undefined;

  /** Fails with a sentence when the file is not what it has to be, or nothing here can read it. */
  constructor(path: string) {
    const elf = openElf(path);
    const machine = MACHINES[elf.machine];
    if (machine === undefined)
      throw new ExpectedError('usage', `${path} is for a processor that is not known here, ELF machine ${elf.machine}`);
    this.path = path;
    this.machine = machine;
    this.buildId = elf.buildId;
    this.#elf = elf;
    this.#tool = findLineTool(path, machine, elf.relocatable);
  }

  /** `fn+offset/size` as the kernel prints it. */
  find(fn: string, offset: number, size: number): Lookup {
    return this.#symbols.find(fn, offset, size);
  }

  /** The functions at each place, the innermost of inlined ones first; files as the compiler was given them. None where nothing is known. */
  async locate(places: readonly CodePlace[]): Promise<readonly (readonly SourceFrame[])[]> {
    if (this.#known.size > MAX_KNOWN) this.#known.clear();
    const bySection = new Map<string, Map<string, CodePlace>>();
    for (const place of places) {
      const command = this.#tool(place.section);
      if (command === undefined || this.#known.has(keyOf(place))) continue;
      const wanted = bySection.get(command.join('\0')) ?? new Map<string, CodePlace>();
      bySection.set(command.join('\0'), wanted.set(keyOf(place), place));
    }
    for (const [command, wanted] of bySection) await this.#ask(command, wanted);
    return places.map((place) => this.#known.get(keyOf(place)) ?? []);
  }

  /** What stands before the names of sources inside the source tree: of a kernel by files that it has, else the folder of the compiler. */
  roots(): Promise<readonly string[]> {
    this.#roots ??= this.#elf.relocatable ? this.#compileDir() : this.#rootsByLandmarks();
    return this.#roots;
  }

  /** Its tool has died or was silent again and again: what it was asked is not known. */
  get silent(): boolean {
    return [...this.#processes.values()].some((process) => process.givenUp);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#processes.values()].map((process) => process.close()));
  }

  get #symbols(): SymbolTable {
    this.#table ??= new SymbolTable(
      this.#elf,
      withFileBytes(this.path, (bytes) => readSymbols(bytes, this.#elf)),
    );
    return this.#table;
  }

  async #ask(command: string, wanted: ReadonlyMap<string, CodePlace>): Promise<void> {
    const process = this.#processes.get(command) ?? new LineProcess(command.split('\0'));
    this.#processes.set(command, process);
    const answers = await process.ask([...wanted.values()].map(({ section, at }) => section.address + BigInt(at)));
    if (answers === undefined) return;
    for (const [index, key] of [...wanted.keys()].entries()) this.#known.set(key, answers[index] ?? []);
  }

  async #compileDir(): Promise<readonly string[]> {
    const dir = await readCompileDir(this.path, this.machine);
    return dir === undefined ? [] : [dir];
  }

  async #rootsByLandmarks(): Promise<readonly string[]> {
    const roots: string[] = [];
    for (const [fn, end] of LANDMARKS) {
      const place = this.#symbols.start(fn);
      const file = place && (await this.locate([place]))[0]?.at(-1)?.file;
      const whole = posix.normalize(file ?? '');
      if (whole.endsWith(end)) roots.push(whole.slice(0, -end.length));
    }
    return roots.length > 0 ? roots : this.#compileDir();
  }
}

function keyOf({ section, at }: CodePlace): string {
  return `${section.index}:${at}`;
}

function openElf(path: string): Elf {
  let elf: Elf | null = null;
  try {
    // Anything else may wait for ever, or never end.
    elf = statSync(path).isFile() ? withFileBytes(path, readElf) : null;
  } catch (error) {
    throw new ExpectedError('usage', `${path} cannot be read: ${messageOf(error)}`);
  }
  if (elf === null)
    throw new ExpectedError('usage', `${path} is no ELF file`, 'name a vmlinux or .ko file that has debug information');
  if (!elf.hasDebugInfo)
    throw new ExpectedError(
      'usage',
      `${path} has no debug information`,
      'name the file as it was before it was stripped; distributions keep theirs in a -dbg or -debuginfo package',
    );
  return elf;
}
