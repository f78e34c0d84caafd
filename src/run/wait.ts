import { onAbort } from '../base/abort.ts';

/** Waits for the time to pass, the signal, or for ever. */
export function waitFor(durationMs: number | undefined, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    let off = () => {};
    const end = () => {
      clearTimeout(timer);
      off();
      resolve();
    };
    const timer = durationMs === undefined ? setInterval(() => {}, 1 << 30) : setTimeout(end, durationMs);
    off = onAbort(signal, end);
  });
}
