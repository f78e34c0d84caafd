import type { ActBy, Address, TraceContext } from '../model/trace.ts';
import type { TextPool } from './text-pool.ts';
import type { TraceEvent } from './trace-input.ts';

/** By the third flag (kernel/trace/trace_output.c, trace_print_lat_fmt). */
const CONTEXTS: Readonly<Record<string, TraceContext>> = {
  s: 'softirq',
  h: 'hardirq',
  H: 'hardirq',
  z: 'nmi',
  Z: 'nmi',
};

export function contextOf(flags: string): TraceContext {
  return CONTEXTS[flags.charAt(2)] ?? 'task';
}

export function irqsOff(flags: string): boolean {
  const irqs = flags.charAt(0);
  return irqs === 'd' || irqs === 'D';
}

export function bhOff(flags: string): boolean {
  return flags.charAt(0) === 'b' || irqsOff(flags);
}

/** 0 where it is not printed. */
export function depthOf(flags: string): number {
  const depth = flags.charCodeAt(3) - 48;
  return depth > 0 && depth < 10 ? depth : Number.parseInt(flags.charAt(3), 16) || 0;
}

/** Who made the record; null when its clock only counts, as then nothing can be put in order. */
export function actBy({ time, cpu, pid, comm, flags }: TraceEvent, texts: TextPool): ActBy | null {
  if (time === null) return null;
  return {
    time,
    cpu,
    pid,
    comm: texts.shared(comm),
    context: contextOf(flags),
    irqsOff: irqsOff(flags),
    bhOff: bhOff(flags),
    depth: depthOf(flags),
  };
}

const LOW_DIGITS = 13;

/** `0xff19edc4c2953b88`; what is no hexadecimal number is 0. */
export function parseAddress(text: string): Address {
  const start = text.startsWith('0x') ? 2 : 0;
  const cut = Math.max(start, text.length - LOW_DIGITS);
  const low = Number.parseInt(text.slice(cut), 16);
  const high = cut > start ? Number.parseInt(text.slice(start, cut), 16) : 0;
  return { low: Number.isNaN(low) ? 0 : low, high: Number.isNaN(high) ? 0 : high };
}

export function addressText({ low, high }: Address): string {
  return high === 0 ? `0x${low.toString(16)}` : `0x${high.toString(16)}${low.toString(16).padStart(LOW_DIGITS, '0')}`;
}

/** The function of a place: `vexfs_op_end+0x4b/0x310 [vexfs]` is in `vexfs_op_end`. */
export function functionOf(site: string): string {
  const end = site.indexOf('+');
  return end < 0 ? site : site.slice(0, end);
}
