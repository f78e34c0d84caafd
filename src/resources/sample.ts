/** What a machine was doing at one moment. Sizes are bytes, those of counters since the machine started; null where it does not say. */
export interface Counters {
  /** Any clock that only goes forward, milliseconds. */
  readonly atMs: number;
  readonly cpu: { readonly busyMs: number; readonly totalMs: number } | null;
  readonly memory: { readonly total: number; readonly available: number } | null;
  readonly disk: { readonly read: number; readonly written: number } | null;
  readonly network: { readonly received: number; readonly sent: number } | null;
}

/** Use of a machine between two moments. */
export interface Usage {
  /** Of all CPUs together, 0 to 100. */
  readonly cpuPercent: number | null;
  readonly memoryTotal: number | null;
  readonly memoryAvailable: number | null;
  readonly memoryPercent: number | null;
  /** Bytes a second. */
  readonly diskRead: number | null;
  readonly diskWritten: number | null;
  readonly networkReceived: number | null;
  readonly networkSent: number | null;
}

/** What was used from `before` to `now`. Counters that went back (a restored guest, an interface that is new) give no rate. */
export function usage(before: Counters | undefined, now: Counters): Usage {
  const seconds = before === undefined ? 0 : (now.atMs - before.atMs) / 1000;
  const rate = (from: number | undefined, to: number | undefined): number | null =>
    from === undefined || to === undefined || to < from || seconds <= 0 ? null : Math.round((to - from) / seconds);
  const memory = now.memory;
  return {
    cpuPercent: cpuPercent(before?.cpu, now.cpu),
    memoryTotal: memory?.total ?? null,
    memoryAvailable: memory?.available ?? null,
    memoryPercent: memory === null || memory.total <= 0 ? null : tenths(100 * (1 - memory.available / memory.total)),
    diskRead: rate(before?.disk?.read, now.disk?.read),
    diskWritten: rate(before?.disk?.written, now.disk?.written),
    networkReceived: rate(before?.network?.received, now.network?.received),
    networkSent: rate(before?.network?.sent, now.network?.sent),
  };
}

function cpuPercent(before: Counters['cpu'] | undefined, now: Counters['cpu']): number | null {
  if (!before || !now || now.totalMs <= before.totalMs || now.busyMs < before.busyMs) return null;
  return tenths(Math.min(100, (100 * (now.busyMs - before.busyMs)) / (now.totalMs - before.totalMs)));
}

function tenths(value: number): number {
  return Math.round(value * 10) / 10;
}
