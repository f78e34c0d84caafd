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
