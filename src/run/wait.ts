/** Waits for the time to pass, the signal, or for ever. */
export function waitFor(durationMs: number | undefined, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const timer = durationMs === undefined ? setInterval(() => {}, 1 << 30) : setTimeout(() => resolve(), durationMs);
    signal.addEventListener(
      'abort',
      () => {
        clearTimeout(timer);
        resolve();
      },
      { once: true },
    );
  });
}
