import { type EventLog, type LogLine, PAGE_BYTES } from '../../server/event-log.ts';
import { eventsAfter } from '../../store/dashboard-queries.ts';
import type { StoreAccess } from './store-access.ts';

const BATCH = 500;
const LOOK_MS = 500;

/** The events of a recording that only the store has; it is asked now and then for what has come. */
export class StoreLog implements EventLog {
  readonly damaged = 0;
  readonly #store: StoreAccess;
  readonly #recording: string;
  /** False once nothing will come any more. */
  readonly #goesOn: () => Promise<boolean>;
  #last = -1;
  #timer: NodeJS.Timeout | undefined;
  #working: Promise<void> | undefined;
  #closed = false;

  constructor(store: StoreAccess, recording: string, goesOn: () => Promise<boolean>) {
    this.#store = store;
    this.#recording = recording;
    this.#goesOn = goesOn;
  }

  follow(onBatch: (lines: readonly LogLine[]) => void, onQuiet: () => void): void {
    const look = () => {
      this.#working = this.#readOn(onBatch)
        .then(() => this.#goesOn())
        // A store that is busy, or away, may be there again the next time.
        .catch(() => true)
        .then((goesOn) => {
          onQuiet();
          if (goesOn && !this.#closed) this.#timer = setTimeout(look, LOOK_MS);
        });
    };
    look();
  }

  async page(after: number, limit: number): Promise<readonly LogLine[]> {
    const lines = await this.#lines(after, Math.min(limit, BATCH));
    let [end, bytes] = [0, 0];
    while (end < lines.length && bytes < PAGE_BYTES) bytes += lines[end++]?.json.length ?? 0;
    return lines.slice(0, end);
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    await this.#working;
  }

  async #readOn(onBatch: (lines: readonly LogLine[]) => void): Promise<void> {
    while (!this.#closed) {
      const lines = await this.#lines(this.#last, BATCH);
      const last = lines.at(-1)?.seq;
      if (last === undefined || this.#closed) return;
      this.#last = last;
      onBatch(lines);
    }
  }

  async #lines(after: number, limit: number): Promise<LogLine[]> {
    const rows = await this.#store.ask((database) => eventsAfter(database, this.#recording, after, limit), []);
    return rows.map(({ seq, body }) => {
      const value = parse(body);
      // What was imported may have line ends between its parts, which the frames of a stream cannot have.
      const json = Buffer.from(/[\r\n]/.test(body) ? JSON.stringify(value ?? null) : body);
      return { seq: Number(seq), json, value };
    });
  }
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
