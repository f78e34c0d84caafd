import { createReadStream, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { cacheDir } from '../guest/paths.ts';
import { type Event, type EventOf, type Finding, isFinding } from '../model/event.ts';
import type { TestGuest } from './testing.ts';

/** What one injected fault came to, on a guest that was fresh from its snapshot. */
export interface FaultOutcome {
  readonly fault: string;
  readonly findings: readonly Finding[];
  readonly incident: EventOf<'incident'> | undefined;
  readonly recoveries: readonly EventOf<'recovery'>[];
  /** Action whose health check was good. */
  readonly recoveredBy: string | undefined;
  readonly seconds: number;
}

const STREAMS = ['console', 'ftrace', 'bpftrace'] as const;
/** A recording is for reading and for tests, not an archive: the end of a long trace is what matters. */
const MAX_FIXTURE_BYTES = 256 * 1024;

/** Restores the snapshot, triggers a fault and waits until its incident is closed. With `record` the streams are kept. */
export async function runFault(
  guest: TestGuest,
  spec: string,
  timeoutMs: number,
  record?: { dir: string; provenance: object },
): Promise<FaultOutcome> {
  const { session, under } = guest.attached;
  await fromSnapshot(guest);
  await under.startLoad();
  const offsets = sizes(guest.captureDir);
  const mark = guest.events.length;
  const started = performance.now();
  const [fault = '', arg] = spec.split('=', 2);
  const before = session.lastSeq;
  void under.fault(fault, arg, 60_000);
  const incident = await session.incidentAfter(before, timeoutMs, new AbortController().signal);
  await guest.attached.shown();
  const seen = guest.events.slice(mark);
  const recoveries = seen.filter((event): event is EventOf<'recovery'> => event.event === 'recovery');
  const outcome: FaultOutcome = {
    fault,
    findings: seen.filter((event): event is Finding => isFinding(event) && event.final),
    incident,
    recoveries,
    recoveredBy: recoveries.find(({ verified }) => verified)?.kind,
    seconds: (performance.now() - started) / 1000,
  };
  if (record !== undefined) await writeFixture(guest, fault, offsets, seen, record);
  return outcome;
}

/** A late report of what was before may have a recovery begin just now: two restores at once would end each other's machine. */
async function fromSnapshot({ attached: { session, under } }: TestGuest): Promise<void> {
  for (let turn = 0; turn < 10; turn++) if (await session.undisturbed(() => under.restore())) return;
  throw new Error('the guest does not come to rest');
}

/** UBSAN names source files by the folder that the module was built in; a recording says `<build>` instead. */
export function withoutPaths(bytes: Buffer): Buffer {
  const folder = new RegExp(`${cacheDir('build').replaceAll('.', '\\.')}/[^/]+`, 'g');
  return Buffer.from(bytes.toString('latin1').replaceAll(folder, '<build>'), 'latin1');
}

function sizes(captureDir: string): Map<string, number> {
  return new Map(
    STREAMS.map((stream) => [
      stream,
      statSync(join(captureDir, `${stream}.raw`), { throwIfNoEntry: false })?.size ?? 0,
    ]),
  );
}

async function writeFixture(
  guest: TestGuest,
  fault: string,
  from: ReadonlyMap<string, number>,
  events: readonly Event[],
  { dir, provenance }: { dir: string; provenance: object },
): Promise<void> {
  mkdirSync(dir, { recursive: true });
  const kept: Record<string, { bytes: number; cut: number }> = {};
  for (const [stream, end] of sizes(guest.captureDir)) {
    const start = from.get(stream) ?? 0;
    if (end === start) continue;
    const first = Math.max(start, end - MAX_FIXTURE_BYTES);
    const bytes = await buffer(
      createReadStream(join(guest.captureDir, `${stream}.raw`), { start: first, end: end - 1 }),
    );
    // A cut recording begins with a whole line.
    const whole = withoutPaths(first === start ? bytes : bytes.subarray(bytes.indexOf(10) + 1));
    writeFileSync(join(dir, `${fault}.${stream}`), whole);
    kept[stream] = { bytes: whole.length, cut: end - start - whole.length };
  }
  const findings = events.filter((event): event is Finding => isFinding(event) && event.final);
  const expected = findings
    .filter(({ source }) => source.stream === 'console')
    .map(({ kind, title, type }) => ({ kind, title, type }));
  writeFileSync(
    join(dir, `${fault}.json`),
    `${JSON.stringify({ ...provenance, fault, streams: kept, expected }, null, 2)}\n`,
  );
}
