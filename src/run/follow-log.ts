import { startClock } from '../base/clock.ts';
import { followFile } from '../source/follow.ts';
import { QUIET_NS } from './console-stream.ts';
import type { Pipeline } from './pipeline.ts';
import { waitFor } from './wait.ts';

export interface FollowedLog {
  /** As it was named. */
  readonly name: string;
  /** What has an end and cannot be opened again, such as standard input; absent for a file. */
  readonly bytes?: AsyncIterable<Uint8Array>;
}

/**
 * Reads a log that grows until the signal, or to the end of one that has an end. A report is complete when the log has paused, as in a
 * live run. Gives the number of bytes.
 */
export async function followLog(
  { name, bytes }: FollowedLog,
  pipeline: Pipeline,
  warn: (text: string) => void,
  signal: AbortSignal,
): Promise<number> {
  const clock = startClock();
  let size = 0;
  let timer: NodeJS.Timeout | undefined;
  const push = (part: Uint8Array): void => {
    size += part.length;
    pipeline.push({ stream: 'file', observed: clock.now(), bytes: part });
    clearTimeout(timer);
    timer = setTimeout(() => pipeline.advance(clock.now()), QUIET_NS / 1e6 + 1);
  };
  try {
    if (bytes === undefined) {
      const restart = () => pipeline.moveTo('file', name, { byte: 0, line: 1 });
      await followFile(name, { onBytes: push, onRestart: restart, onNote: warn }, signal);
    } else await readUntil(bytes, push, signal);
  } finally {
    clearTimeout(timer);
  }
  pipeline.end();
  return size;
}

async function readUntil(
  bytes: AsyncIterable<Uint8Array>,
  push: (part: Uint8Array) => void,
  signal: AbortSignal,
): Promise<void> {
  const ended = new AbortController();
  const stop = waitFor(undefined, AbortSignal.any([signal, ended.signal])).then(() => undefined);
  const parts = bytes[Symbol.asyncIterator]();
  try {
    for (;;) {
      const next = await Promise.race([parts.next(), stop]);
      if (next === undefined || next.done) return;
      push(next.value);
    }
  } finally {
    ended.abort();
    // It may be waiting for bytes that never come.
    void parts.return?.();
  }
}
