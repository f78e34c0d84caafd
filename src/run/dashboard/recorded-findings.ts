import { statSync } from 'node:fs';
import { join } from 'node:path';
import { type Event, type Finding, isFinding } from '../../model/event.ts';
import { eventSchema } from '../../model/event-schema.ts';
import { FileLog } from '../../server/file-log.ts';

/** What a recording that the store does not have comes to. */
export interface RecordedFindings {
  readonly events: number;
  readonly incidents: number;
  readonly recovered: number;
  readonly findings: readonly Seen[];
}

/** A complete finding, with the whole of it for the first of its kind. */
export interface Seen {
  readonly fingerprint: string;
  readonly title: string;
  readonly seq: number;
  readonly wall: string | null;
  readonly test: string | null;
  readonly whole?: Finding;
}

const MAX_FINDINGS = 5000;
const MAX_BYTES = 512 << 20;
const MAX_KNOWN = 200;
const NONE: RecordedFindings = { events: 0, incidents: 0, recovered: 0, findings: [] };

/** Reads recordings for their findings, one after the other, each once until it changes. */
export class FindingReader {
  readonly #known = new Map<string, { readonly stamp: string; readonly value: Promise<RecordedFindings> }>();
  #turn: Promise<unknown> = Promise.resolve();

  /** Undefined until it has been read. */
  findings(dir: string): Promise<RecordedFindings> {
    const path = join(dir, 'events.ndjson');
    const stat = statSync(path, { throwIfNoEntry: false });
    if (stat === undefined || stat.size > MAX_BYTES) return Promise.resolve(NONE);
    const stamp = `${stat.size}:${stat.mtimeMs}`;
    const known = this.#known.get(dir);
    if (known?.stamp === stamp) return known.value;
    const value = this.#turn.then(() => read(path)).catch(() => NONE);
    this.#turn = value;
    this.#known.delete(dir);
    this.#known.set(dir, { stamp, value });
    for (const first of this.#known.keys()) {
      if (this.#known.size <= MAX_KNOWN) break;
      this.#known.delete(first);
    }
    return value;
  }
}

async function read(path: string): Promise<RecordedFindings> {
  const log = new FileLog(path);
  const findings: Seen[] = [];
  const wholes = new Set<string>();
  const outcomes = new Map<string, string>();
  let events = 0;
  const event = (value: Event) => {
    if (value.event === 'incident') outcomes.set(value.incident ?? value.id, value.outcome);
    if (!isFinding(value) || !value.final || findings.length >= MAX_FINDINGS) return;
    const { fingerprint, title, seq, time, test } = value;
    const first = !wholes.has(fingerprint);
    wholes.add(fingerprint);
    const seen = { fingerprint, title, seq, wall: time.wall ?? null, test: test ?? null };
    findings.push(first ? { ...seen, whole: value } : seen);
  };
  await new Promise<void>((resolve) => {
    log.follow((lines) => {
      for (const { value } of lines) {
        events += 1;
        // The form of all the others is nothing that matters here.
        if (!WANTED.has((value as { readonly event?: unknown }).event)) continue;
        const parsed = eventSchema.safeParse(value);
        if (parsed.success) event(parsed.data as Event);
      }
    }, resolve);
  });
  await log.close();
  const recovered = [...outcomes.values()].filter((outcome) => outcome === 'recovered').length;
  return { events, incidents: outcomes.size, recovered, findings };
}

const WANTED: ReadonlySet<unknown> = new Set(['crash', 'race', 'lock', 'leak', 'incident']);
