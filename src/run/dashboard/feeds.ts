import type { Digest, RunState } from '../../model/dashboard.ts';
import type { EventLog } from '../../server/event-log.ts';
import { Feed } from '../../server/feed.ts';
import { RecordingDigest } from './recording-digest.ts';

interface Opened {
  readonly feed: Feed;
  readonly digest: RecordingDigest;
  users: number;
  used: number;
}

/** Readers that nobody uses and that are kept all the same, for who comes back. */
const IDLE = 6;

/** One reader for each recording that somebody looks at. */
export class Feeds {
  readonly #open = new Map<string, Opened>();
  #turn = 0;

  /** The caller gives it back with `release`. */
  use(recording: string, log: () => EventLog): Feed {
    const known = this.#open.get(recording) ?? this.#begin(recording, log());
    known.users += 1;
    known.used = ++this.#turn;
    return known.feed;
  }

  release(feed: Feed): void {
    const known = this.#open.get(feed.recording);
    if (known?.feed !== feed) return;
    known.users -= 1;
    const idle = [...this.#open.values()].filter(({ users }) => users === 0).sort((a, b) => b.used - a.used);
    for (const { feed: gone } of idle.slice(IDLE)) {
      this.#open.delete(gone.recording);
      void gone.close();
    }
  }

  isOpen(recording: string): boolean {
    return this.#open.has(recording);
  }

  /** Of a recording that is open. */
  digest(recording: string, state: RunState): Digest | undefined {
    const known = this.#open.get(recording);
    return known?.digest.digest(recording, state, known.feed.damaged);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#open.values()].map(({ feed }) => feed.close()));
    this.#open.clear();
  }

  #begin(recording: string, log: EventLog): Opened {
    const digest = new RecordingDigest();
    const opened = { feed: new Feed(recording, log, (lines) => digest.add(lines)), digest, users: 0, used: 0 };
    this.#open.set(recording, opened);
    return opened;
  }
}
