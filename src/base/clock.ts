/**
 * A clock of host nanoseconds since `start`, as a safe integer (104 days fit).
 * Monotonic: it does not jump when the wall clock is set.
 */
export interface Clock {
  /** Wall time at nanosecond 0, milliseconds since the epoch. */
  readonly startWall: number;
  now(): number;
}

export function startClock(): Clock {
  const zero = process.hrtime.bigint();
  const startWall = Date.now();
  return { startWall, now: () => Number(process.hrtime.bigint() - zero) };
}

export const NS_PER_MS = 1_000_000;
