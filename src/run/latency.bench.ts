import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { NS_PER_MS } from '../base/clock.ts';
import type { IndexRow } from '../model/capture.ts';
import { isFinding } from '../model/event.ts';
import { openTestGuest } from './testing.ts';

/** Milliseconds, a sample a crash. */
export interface Latencies {
  readonly crashes: number;
  readonly first: number[];
  readonly last: number[];
  readonly restore: number[];
}

/** Places in the console's bytes, times in host nanoseconds since the start of the run. */
interface Crash {
  readonly byte: number;
  readonly endByte: number;
  readonly provisional: number;
  readonly final: number;
}

/**
 * From the crash's bytes to its events, on a real guest: restore, fault, repeat. A byte's time is that of reading it from
 * the console, as the recording's index has it; `first` is the report's first byte to the provisional event, `last` its
 * last byte to the final one.
 */
export async function benchLatency(crashes: number, progress: (done: number) => void): Promise<Latencies> {
  const seen: Crash[] = [];
  const restore: number[] = [];
  let now = () => 0;
  let provisional = 0;
  let done = () => {};
  const guest = await openTestGuest({
    recover: false,
    probes: false,
    onEvent: (event) => {
      if (!isFinding(event) || event.source.stream !== 'console') return;
      provisional ||= now();
      const { byte = 0, endByte = 0 } = event.evidence[0] ?? {};
      if (event.final) seen.push({ byte, endByte, provisional, final: now() });
      if (event.final) done();
    },
  });
  try {
    const { under, session } = guest.attached;
    now = () => session.clock.now();
    for (let i = 0; i < crashes; i++) {
      const start = now();
      await under.restore();
      restore.push((now() - start) / NS_PER_MS);
      provisional = 0;
      seen.length = i;
      const finished = new Promise<void>((resolve) => {
        done = resolve;
      });
      void under.fault('null-deref', undefined, 10_000);
      await finished;
      progress(i + 1);
    }
    const arrival = await arrivals(guest.captureDir);
    return {
      crashes,
      first: seen.slice(0, crashes).map((crash) => (crash.provisional - arrival(crash.byte)) / NS_PER_MS),
      last: seen.slice(0, crashes).map((crash) => (crash.final - arrival(crash.endByte - 1)) / NS_PER_MS),
      restore,
    };
  } finally {
    await guest.close();
  }
}

/** When each byte of the console was read. */
async function arrivals(captureDir: string): Promise<(byte: number) => number> {
  const rows: IndexRow[] = [];
  const index = createInterface({ input: createReadStream(join(captureDir, 'index.ndjson')) });
  for await (const line of index) {
    const row = JSON.parse(line) as IndexRow;
    if (row.stream === 'console') rows.push(row);
  }
  return (byte) => rows.find(({ offset, length }) => offset <= byte && byte < offset + length)?.observed ?? Number.NaN;
}
