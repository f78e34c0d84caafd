/**
 * Calls `listener` when the signal is aborted, at once where it is already. Gives what takes it off again, which whoever waits for
 * something else, too, calls in the end. The `signal` option of addEventListener would not do: where two of them overlap on one
 * target, Node 20 holds the first one's removal weakly (kWeakHandler in lib/internal/event_target.js), and it is never made.
 */
export function onAbort(signal: AbortSignal | undefined, listener: () => void): () => void {
  if (signal?.aborted) listener();
  else signal?.addEventListener('abort', listener, { once: true });
  return () => signal?.removeEventListener('abort', listener);
}
