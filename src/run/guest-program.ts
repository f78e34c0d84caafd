import { setTimeout as sleep } from 'node:timers/promises';
import { onAbort } from '../base/abort.ts';
import { deferred } from '../base/deferred.ts';
import type { ControlledGuest } from '../model/guest.ts';

export interface GuestProgram {
  /** Of the program and of the stream that it writes to. */
  readonly name: 'ftrace' | 'bpftrace';
  /** What it has not done by then it will not do. */
  readonly limitMs: number;
  /** What it has not done then, in words. */
  readonly late: string;
  readonly signal: AbortSignal;
}

/** What a program of the guest should have done and has not; its own words when it ended. */
export class ProgramError extends Error {
  override readonly name = 'ProgramError';
}

/** Resolves as the promise does; rejects with a ProgramError once it is known that nothing will come. */
type OrFail = <T>(promise: Promise<T>) => Promise<T>;

/** Starts a program in the guest and waits for what it says: `listen` hears all of it while `talk` goes on. */
export async function talkTo(
  guest: ControlledGuest,
  { name, limitMs, late, signal }: GuestProgram,
  listen: (bytes: Uint8Array) => void,
  talk: (orFail: OrFail) => Promise<void>,
): Promise<void> {
  const done = new AbortController();
  const failed = deferred<string>();
  const offs = [
    guest.onData((stream, bytes) => {
      if (stream === name) listen(bytes);
    }),
    guest.control.onNotice((notice) => {
      if (notice.event === 'exit' && notice.name === name)
        failed.resolve(String(notice.stderr ?? notice.error ?? 'it ended'));
    }),
    onAbort(signal, () => failed.resolve('interrupted')),
  ];
  void guest.exited.then(() => failed.resolve('the guest has ended'));
  sleep(limitMs, undefined, { signal: done.signal }).then(
    () => failed.resolve(`${late} within ${limitMs / 1000} s`),
    () => {},
  );
  const failure = failed.promise.then((words): never => {
    throw new ProgramError(words);
  });
  // Nobody may be waiting just then.
  failure.catch(() => {});
  try {
    await talk((promise) => Promise.race([promise, failure]));
  } finally {
    for (const off of offs) off();
    done.abort();
  }
}
