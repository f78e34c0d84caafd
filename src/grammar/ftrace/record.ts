/** Where a record stands in its stream: bytes from the start, lines from 1. */
export interface Place {
  readonly byte: number;
  readonly endByte: number;
  readonly line: number;
}

/**
 * One event of `trace` or `trace_pipe` (kernel/trace/trace_output.c, trace_print_context):
 * `%16s-%-7d [(tgid)] [cpu] flags stamp: name: payload`.
 */
export interface FtraceEvent extends Place {
  readonly kind: 'event';
  /** At most 15 bytes of anything, blanks and brackets included; `<idle>`, `<...>` when the kernel forgot it. */
  readonly comm: string;
  readonly pid: number;
  readonly tgid: number | null;
  readonly cpu: number;
  /** irqs, need-resched, context, preempt depth, migrate; as many as this kernel prints, none with `noirq-info`. */
  readonly flags: string;
  /** Seconds; null for the clocks that count (`counter`, `x86-tsc`, `uptime`). */
  readonly time: number | null;
  /** The stamp as printed. */
  readonly stamp: string;
  /** The event's name without its subsystem, which the kernel does not print. `sys_openat` for calls, `function` for the function tracer. */
  readonly name: string;
  /** What stands behind the name. */
  readonly payload: string;
}

/** Events were lost on this CPU before the next of its events; how many only sometimes. */
export interface FtraceLost extends Place {
  readonly kind: 'lost';
  readonly cpu: number | null;
  readonly lost: number | null;
}

/** A stack printed behind an event (`options/stacktrace`, `userstacktrace`), innermost frame first. */
export interface FtraceStack extends Place {
  readonly kind: 'stack';
  readonly event: FtraceEvent;
  readonly space: 'kernel' | 'user';
  readonly frames: readonly string[];
}

/** Header lines (`# …`), buffer switches, and lines that are nothing of ftrace's, such as the second line of a marker. */
export interface FtraceText extends Place {
  readonly kind: 'header' | 'text';
  readonly text: string;
}

export type FtraceRecord = FtraceEvent | FtraceLost | FtraceStack | FtraceText;

/** Where code runs: the third character of the flags. Locks taken by an interrupt are not those of the task below it. */
export type TraceContext = 'task' | 'softirq' | 'hardirq' | 'nmi' | 'unknown';

const CONTEXTS: Readonly<Record<string, TraceContext>> = {
  '.': 'task',
  s: 'softirq',
  h: 'hardirq',
  H: 'hardirq',
  z: 'nmi',
  Z: 'nmi',
};

export function contextOf(event: Pick<FtraceEvent, 'flags'>): TraceContext {
  return CONTEXTS[event.flags.charAt(2)] ?? 'unknown';
}
