import type { Frame } from '../model/stack.ts';

/**
 * Functions that the processor enters by itself: what they interrupted stands behind them, where it was. arch/x86/entry,
 * arch/arm64/kernel/entry.S, arch/arm/kernel/entry-armv.S, arch/riscv/kernel/entry.S.
 */
const ENTRIES = [
  'asm_exc_',
  'asm_sysvec_',
  'asm_common_interrupt',
  'asm_spurious_interrupt',
  'asm_fred_entry',
  'end_repeat_nmi',
  'nmi',
  'ret_from_intr',
  'common_interrupt',
  'apic_timer_interrupt',
  'el1h_64_',
  'el1t_64_',
  'el1_',
  '__irq_svc',
  '__dabt_svc',
  '__und_svc',
  'handle_exception',
];

type Place = Pick<Frame, 'fn' | 'offset' | 'size'>;

/**
 * True for the address behind a call, whose line is that of the instruction before it; false for an instruction that was
 * caught: that of the instruction pointer (`trap`), or of what an exception interrupted.
 */
export function isReturnAddress(frame: Place, caller: Place | undefined, trap: Place | undefined): boolean {
  if (trap !== undefined && frame.fn === trap.fn && frame.offset === trap.offset && frame.size === trap.size)
    return false;
  return caller === undefined || !ENTRIES.some((entry) => isEntry(caller.fn, entry));
}

/** Rows that end in `_` are beginnings of names. */
function isEntry(fn: string, entry: string): boolean {
  return entry.endsWith('_') ? fn.startsWith(entry) : fn === entry;
}
