import type { KernelSymbols } from './kernel-symbols.ts';

export interface CpuStack {
  readonly cpu: number;
  /** Where it is: a function, or the bare address. */
  readonly at: string;
  /** It waits for an interrupt. */
  readonly halted: boolean;
  /** Interrupts are off. */
  readonly masked: boolean;
  /** Return addresses that lie on its stack, innermost first; some may be left from earlier calls. */
  readonly stack: readonly string[];
}

interface Registers {
  readonly cpu: number;
  readonly ip: bigint;
  readonly sp: bigint;
  readonly halted: boolean;
  readonly masked: boolean;
}

/** Bit 9 of the flags lets interrupts in. */
const INTERRUPTS = 0x200;
const MAX_FRAMES = 16;

/** Reads what QEMU prints for `info registers -a` on x86 (target/i386/cpu-dump.c). */
export function parseRegisters(text: string): Registers[] {
  return text
    .split(/^CPU#/m)
    .slice(1)
    .flatMap((block) => {
      const cpu = /^\d+/.exec(block)?.[0];
      const ip = /\bRIP=([0-9a-f]{16})/.exec(block)?.[1];
      const sp = /\bRSP=([0-9a-f]{16})/.exec(block)?.[1];
      const flags = /\bRFL=([0-9a-f]{8})/.exec(block)?.[1];
      if (cpu === undefined || ip === undefined || sp === undefined || flags === undefined) return [];
      return [
        {
          cpu: Number(cpu),
          ip: BigInt(`0x${ip}`),
          sp: BigInt(`0x${sp}`),
          halted: /\bHLT=1/.test(block),
          masked: (Number.parseInt(flags, 16) & INTERRUPTS) === 0,
        },
      ];
    });
}

/** The words of a stack as QEMU prints them (`x /64gx`): behind each address two words. */
export function parseWords(text: string): bigint[] {
  return [...text.matchAll(/0x([0-9a-f]{16})\b/g)].map(([, digits]) => BigInt(`0x${digits}`));
}

/** What a CPU is doing, from its registers and the words on its stack. */
export function stackOf(registers: Registers, words: readonly bigint[], symbols: KernelSymbols | undefined): CpuStack {
  const { cpu, ip, halted, masked } = registers;
  const stack = words.flatMap((word) => symbols?.name(word) ?? []).slice(0, MAX_FRAMES);
  return { cpu, at: symbols?.name(ip) ?? `0x${ip.toString(16)}`, halted, masked, stack };
}

/** One line for people. */
export function describeStack({ cpu, at, halted, masked, stack }: CpuStack): string {
  const state = halted ? ', halted' : masked ? ', interrupts off' : '';
  const [caller] = stack;
  return `CPU ${cpu} in ${at}${caller === undefined ? '' : ` from ${caller}`}${state}`;
}
