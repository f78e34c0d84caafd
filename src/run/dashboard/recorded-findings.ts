import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { type Event, type Finding, isFinding } from '../../model/event.ts';
import { eventSchema } from '../../model/event-schema.ts';

/** What a recording that the store does not have comes to. */
export interface RecordedFindings {
  readonly events: number;
  readonly incidents: number;
  readonly recovered: number;
  readonly count: number;
  /** Of those not more than 5,000. */
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
const MAX_KNOWN = 200;
const CHUNK = 1 << 20;
const MAX_LINE = 4 << 20;
const LF = 10;

/** Reads recordings for their findings, one after the other; of those that grow what has come since. */
export class FindingReader {
  readonly #known = new Map<string, Tally>();
  #turn: Promise<unknown> = Promise.resolve();

  findings(dir: string): Promise<RecordedFindings> {
    const result = this.#turn.then(() => this.#read(dir));
    this.#turn = result.catch(() => {});
    return result;
  }

  /** What was read of it, if anything. */
  known(dir: string): RecordedFindings | undefined {
    return this.#known.get(dir);
  }

  async #read(dir: string): Promise<RecordedFindings> {
    const file = await open(join(dir, 'events.ndjson'), 'r').catch(() => undefined);
    if (file === undefined) return new Tally(0);
    try {
      const { ino, size } = await file.stat();
      const known = this.#known.get(dir);
      const tally = known !== undefined && known.inode === ino && known.at <= size ? known : new Tally(ino);
      this.#known.delete(dir);
      this.#known.set(dir, tally);
      for (const first of this.#known.keys()) {
        if (this.#known.size <= MAX_KNOWN) break;
        this.#known.delete(first);
      }
      await readOn(file, tally);
      return tally;
    } finally {
      await file.close();
    }
  }
}

/** What was found up to a place in a file. */
class Tally implements RecordedFindings {
  readonly inode: number;
  readonly findings: Seen[] = [];
  at = 0;
  events = 0;
  count = 0;
  readonly #wholes = new Set<string>();
  readonly #outcomes = new Map<string, string>();

  constructor(inode: number) {
    this.inode = inode;
  }

  get incidents(): number {
    return this.#outcomes.size;
  }

  get recovered(): number {
    return [...this.#outcomes.values()].filter((outcome) => outcome === 'recovered').length;
  }

  line(text: string): void {
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      return;
    }
    this.events += 1;
    // The form of all the others is nothing that matters here.
    if (!WANTED.has((value as { readonly event?: unknown } | null)?.event)) return;
    const parsed = eventSchema.safeParse(value);
    if (parsed.success) this.#event(parsed.data as Event);
  }

  #event(event: Event): void {
    if (event.event === 'incident') this.#outcomes.set(event.incident ?? event.id, event.outcome);
    if (!isFinding(event) || !event.final) return;
    this.count += 1;
    if (this.findings.length >= MAX_FINDINGS) return;
    const { fingerprint, title, seq, time, test } = event;
    const seen = { fingerprint, title, seq, wall: time.wall ?? null, test: test ?? null };
    this.findings.push(this.#wholes.has(fingerprint) ? seen : { ...seen, whole: event });
    this.#wholes.add(fingerprint);
  }
}

const WANTED: ReadonlySet<unknown> = new Set(['crash', 'race', 'lock', 'leak', 'incident']);

/** Up to the end of the last line that is whole. */
async function readOn(file: FileHandle, tally: Tally): Promise<void> {
  for (let size = CHUNK; ; ) {
    const chunk = Buffer.allocUnsafe(size);
    const { bytesRead } = await file.read(chunk, 0, size, tally.at);
    const end = chunk.subarray(0, bytesRead).lastIndexOf(LF) + 1;
    for (const line of chunk.subarray(0, end).toString('utf8').split('\n')) if (line !== '') tally.line(line);
    tally.at += end;
    if (bytesRead < size) return;
    // A line that is longer than what was read; one that is longer than any event is passed over.
    if (end === 0 && size > MAX_LINE) tally.at += bytesRead;
    size = end === 0 && size <= MAX_LINE ? size * 2 : CHUNK;
  }
}
