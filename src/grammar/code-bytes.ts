/** Bytes around an instruction pointer, as `Code:` shows them. */
export interface CodeBytes {
  /** Groups of hexadecimal digits, one an instruction or a byte, without the marks of the trap. */
  readonly bytes: string;
  /** Digits of a group, halved: 1 on x86, 4 on most others. */
  readonly width: number;
  /** Which group the CPU was at, from 0; absent when the kernel marked none. */
  readonly trap?: number;
}

/** `90 90 <c7> 04`: arch/x86/kernel/dumpstack.c show_opcodes; `d503201f (f9400000)`: arch/arm64/kernel/traps.c dump_kernel_instr. */
export function readCode(text: string): CodeBytes {
  const groups = text.split(' ').filter(Boolean);
  const trap = groups.findIndex((group) => group.startsWith('<') || group.startsWith('('));
  const bare = groups.map((group) => (/[0-9a-f]+/.exec(group) ?? [''])[0]);
  return { bytes: bare.join(' '), width: (bare[0]?.length ?? 2) / 2, ...(trap >= 0 && { trap }) };
}
