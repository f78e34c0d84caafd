import type { Feed } from './feed.ts';

/** So often at least something is sent: who has gone away is noticed, and what stands between does not hang up. */
const HEARTBEAT_MS = 15_000;
/** How long a client waits before it comes again. */
const HELLO = Buffer.from('retry: 1000\n\n');
const HEARTBEAT = Buffer.from(': \n\n');

/**
 * Events behind number `after`, as a stream that is pulled: nothing is made ready for a client before its socket has taken what was
 * there. It ends when `signal` says so; the client comes again with the number of its last event.
 */
export function eventStream(
  feed: Feed,
  after: number,
  signal: AbortSignal,
  onEnd: () => void,
): ReadableStream<Uint8Array> {
  let last = after;
  let ended = false;
  const own = new AbortController();
  const end = () => {
    if (ended) return;
    ended = true;
    signal.removeEventListener('abort', stop);
    own.abort();
    onEnd();
  };
  const stop = () => own.abort();
  signal.addEventListener('abort', stop);
  if (signal.aborted) stop();
  return new ReadableStream<Uint8Array>(
    {
      start: (controller) => controller.enqueue(HELLO),
      async pull(controller) {
        try {
          for (let waited = false; !own.signal.aborted; waited = true) {
            const frames = await feed.next(last);
            if (frames === undefined && waited) return controller.enqueue(HEARTBEAT);
            if (frames === undefined) await feed.wait(HEARTBEAT_MS, own.signal);
            else {
              last = frames.last;
              return controller.enqueue(frames.bytes);
            }
          }
          end();
          controller.close();
        } catch (error) {
          end();
          controller.error(error);
        }
      },
      cancel: end,
    },
    { highWaterMark: 1 },
  );
}

/** What a client says that it has: `Last-Event-ID` of one that comes again, else `after`. -1: nothing; undefined: no number. */
export function lastOf(header: string | undefined, query: string | undefined): number | undefined {
  const text = header || query || '-1';
  return /^(-1|\d{1,15})$/.test(text) ? Number(text) : undefined;
}
