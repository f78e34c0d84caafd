import { existsSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ExpectedError } from '../base/errors.ts';
import type { Kernel } from '../guest/kernel.ts';
import type { ControlledGuest } from '../model/guest.ts';
import type { HostRecord } from '../model/host-record.ts';
import { type CpuStack, describeStack, parseRegisters, parseWords, stackOf } from './cpu-stacks.ts';
import type { KernelSymbols } from './kernel-symbols.ts';

export interface EvidenceOptions {
  /** Where it is kept; absent: no memory is dumped. */
  readonly dir?: string;
  readonly kernel: Kernel;
  /** The kernel with its symbols, where it is known. */
  readonly vmlinux?: string;
  /** Dumps of memory in a run. */
  readonly maxDumps: number;
  readonly note: (record: HostRecord) => void;
}

const MAX_DUMP_BYTES = 1 << 30;
/** Compressed, a dump takes a tenth of the memory; a guest full of data may take all of it. */
const FREE_FACTOR = 1.5;
/** How long the kernel may take to write its last words after its report began. */
const LAST_WORDS_MS = 3000;

/** What is kept of a broken guest before it is renewed: memory, last words, what its CPUs were doing. */
export class EvidenceKeeper {
  readonly #options: EvidenceOptions;
  readonly #dumped = new Set<string>();
  #files = 0;
  #fingerprint = '';

  constructor(options: EvidenceOptions) {
    this.#options = options;
  }

  /** Why the memory of a guest that has failed so is not dumped; undefined when it is. */
  noDump(guest: ControlledGuest, fingerprint: string): string | undefined {
    const { dir, maxDumps } = this.#options;
    this.#fingerprint = fingerprint;
    if (guest.dumpMemory === undefined) return 'this guest cannot be dumped';
    if (dir === undefined) return 'nothing is recorded, so there is no place for a dump';
    if (this.#dumped.has(fingerprint)) return 'the memory of the same failure is kept already';
    if (this.#dumped.size >= maxDumps) return `${maxDumps} dumps are made in a run`;
    const { bavail, bsize } = statfsSync(dir);
    const wanted = (guest.machine?.memoryMiB ?? 0) * 2 ** 20 * FREE_FACTOR;
    return bavail * bsize < wanted ? `a dump may take ${Math.round(wanted / 2 ** 20)} MiB of disk` : undefined;
  }

  /** One line: the file, and the command that opens it. */
  async dump(guest: ControlledGuest): Promise<string> {
    const { dir, note } = this.#options;
    if (dir === undefined || guest.dumpMemory === undefined)
      throw new ExpectedError('guest', 'there is no place for it');
    const file = join(dir, `memory-${++this.#files}.kdump`);
    const { bytes, ms, format } = await guest.dumpMemory(file);
    if (bytes > MAX_DUMP_BYTES) {
      rmSync(file);
      throw new ExpectedError(
        'guest',
        `the dump took ${mebibytes(bytes)} and was removed: ${mebibytes(MAX_DUMP_BYTES)} is the most`,
      );
    }
    this.#dumped.add(this.#fingerprint);
    const open = openWith(this.#options, file);
    note({ record: 'guest', kind: 'dump', detail: { file, format, bytes, ms, ...open } });
    return `${mebibytes(bytes)} in ${(ms / 1000).toFixed(1)} s, open with: ${open.command}${open.vmlinux === undefined ? '' : ` (${open.vmlinux})`}`;
  }

  /** What the dying kernel left in memory, as a file and as text. A kernel that still prints its report has not written it yet. */
  async lastWords(guest: ControlledGuest, signal: AbortSignal): Promise<{ detail: string; text: string }> {
    if (guest.lastWords === undefined) throw new ExpectedError('guest', 'this guest keeps no last words');
    for (const end = performance.now() + LAST_WORDS_MS; ; ) {
      const words = (await guest.lastWords()).toSorted((a, b) => rank(a.reason) - rank(b.reason));
      const [best] = words;
      if (best !== undefined) {
        const kept = this.#keep('last-words', words.map(({ reason, text }) => `--- ${reason}\n${text}`).join('\n'));
        return { detail: `${best.reason}, ${best.text.split('\n').length} lines${kept}`, text: best.text };
      }
      if (performance.now() > end || signal.aborted) throw new ExpectedError('guest', 'the kernel left none');
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }

  /** Where each CPU is, and what is on its stack. */
  async stacks(guest: ControlledGuest, symbols: KernelSymbols | undefined): Promise<string> {
    if (guest.registers === undefined) throw new ExpectedError('guest', 'the registers of this guest cannot be read');
    const text = await guest.registers();
    const cpus: CpuStack[] = [];
    let words = '';
    for (const registers of parseRegisters(text)) {
      const stack = (await guest.stackWords?.(registers.cpu, registers.sp)) ?? '';
      words += `\nstack of CPU ${registers.cpu}\n${stack}`;
      cpus.push(stackOf(registers, parseWords(stack), symbols));
    }
    if (cpus.length === 0) throw new ExpectedError('guest', 'the registers cannot be read');
    const kept = this.#keep('registers', text + words);
    this.#options.note({ record: 'guest', kind: 'stacks', detail: { cpus } });
    return cpus.map(describeStack).join('; ') + kept;
  }

  /** Puts text beside the recording. */
  #keep(name: string, text: string): string {
    const { dir } = this.#options;
    if (dir === undefined) return '';
    const file = join(dir, `${name}-${++this.#files}.txt`);
    writeFileSync(file, text);
    return `, in ${file}`;
  }
}

/** A panic says more than the oops before it, and both more than what was printed all along. */
function rank(reason: string): number {
  const at = ['Panic', 'Oops'].indexOf(reason);
  return at < 0 ? 2 : at;
}

function mebibytes(bytes: number): string {
  return `${Math.round(bytes / 2 ** 20)} MiB`;
}

/** The command for a dump, and where its vmlinux comes from when it is not there. */
export function openWith(
  { kernel, vmlinux }: Pick<EvidenceOptions, 'kernel' | 'vmlinux'>,
  dump: string,
): { command: string; vmlinux?: string } {
  const { release, image } = kernel;
  const debian = `/usr/lib/debug/boot/vmlinux-${release}`;
  const built = join(dirname(image), 'vmlinux');
  const there = [vmlinux, debian, built].find((file) => file !== undefined && existsSync(file));
  if (there !== undefined) return { command: `crash ${there} ${dump}` };
  if (kernel.modulesDir !== undefined)
    return { command: `crash ${debian} ${dump}`, vmlinux: `apt-get install linux-image-${release}-dbg` };
  return { command: `crash ${built} ${dump}`, vmlinux: 'vmlinux is of the build of this kernel' };
}
