/**
 * What the analyses of traces take: shapes that the ftrace grammar's records have, so that neither folder knows the other.
 */
export interface TraceEvent {
  /** Seconds; null when the trace clock only counts. */
  readonly time: number | null;
  readonly cpu: number;
  readonly pid: number;
  readonly comm: string;
  readonly flags: string;
  readonly name: string;
  readonly payload: string;
}

/** The module's events that say something about operations and locks (kmod/vexfs_trace.h); others are ignored. */
export type ModuleEvent =
  | { readonly kind: 'op-begin'; readonly op: string; readonly sb: string; readonly ino: string; readonly id: string }
  | {
      readonly kind: 'op-end';
      readonly op: string;
      readonly sb: string;
      readonly ino: string;
      readonly id: string;
      readonly ret: number;
      readonly ns: number;
    }
  | LockEvent
  | { readonly kind: 'mem-access' | 'alloc' | 'free' | 'search' };

export interface LockEvent {
  readonly kind: 'lock-attempt' | 'lock-acquired' | 'lock-release';
  readonly class: string;
  readonly mode: string;
  readonly lock: string;
  readonly ip: string;
}

/** Events were lost: what is known of tasks and locks may no longer be true. */
export interface TraceGap {
  readonly cpu: number | null;
  readonly lost: number | null;
}

/**
 * Whose stack of locks an event belongs to. An interrupt's locks are not those of the task below it (third flag), and the idle
 * tasks of all CPUs share pid 0.
 */
export function ownerOf(event: Pick<TraceEvent, 'pid' | 'cpu' | 'flags'>): string {
  const context = event.flags.charAt(2);
  const task = event.pid === 0 ? `0/${event.cpu}` : String(event.pid);
  return context === '.' || context === '' ? task : `${task}:${context.toLowerCase()}`;
}
