import { isFinding } from '../model/event.ts';
import { openTestGuest } from './testing.ts';

/** Milliseconds, a sample a crash. */
export interface Latencies {
  readonly crashes: number;
  readonly first: number[];
  readonly last: number[];
  readonly restore: number[];
}

/**
 * From the crash's bytes to its events, on a real guest: restore, fault, repeat. A byte's time is that of reading it from
 * the console; `first` is the report's first byte to the provisional event, `last` its last byte to the final one.
 */
export async function benchLatency(crashes: number, progress: (done: number) => void): Promise<Latencies> {
  const result: Latencies = { crashes, first: [], last: [], restore: [] };
  const arrivals: { end: number; at: number }[] = [];
  let read = 0;
  let seen: { provisional?: number; final?: number; byte: number; endByte: number } | undefined;
  let done = () => {};
  const guest = await openTestGuest({
    recover: false,
    probes: false,
    onEvent: (event) => {
      if (!isFinding(event) || event.source.stream !== 'console') return;
      const now = performance.now();
      const { byte = 0, endByte = 0 } = event.evidence[0] ?? {};
      seen ??= { byte, endByte, ...(!event.final && { provisional: now }) };
      if (!event.final) return;
      seen = { ...seen, final: now, endByte };
      done();
    },
  });
  try {
    const { under } = guest.attached;
    read = guest.consoleBytes();
    under.guest.onData((stream, bytes) => {
      if (stream !== 'console') return;
      read += bytes.length;
      arrivals.push({ end: read, at: performance.now() });
    });
    const arrivalOf = (byte: number) => arrivals.find(({ end }) => end > byte)?.at ?? Number.NaN;
    for (let i = 0; i < crashes; i++) {
      result.restore.push(await timed(() => under.restore()));
      arrivals.length = 0;
      seen = undefined;
      const finished = new Promise<void>((resolve) => {
        done = resolve;
      });
      void under.fault('null-deref', undefined, 10_000);
      await finished;
      const crash = seen as unknown as { provisional: number; final: number; byte: number; endByte: number };
      result.first.push(crash.provisional - arrivalOf(crash.byte));
      result.last.push(crash.final - arrivalOf(crash.endByte - 1));
      progress(i + 1);
    }
  } finally {
    await guest.close();
  }
  return result;
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}
