import { type MeteredRun, RunMetrics } from '../../metrics/registry.ts';
import type { RunItem } from '../../model/dashboard.ts';
import type { Event } from '../../model/event.ts';
import { eventSchema } from '../../model/event-schema.ts';
import type { Feed } from '../../server/feed.ts';
import { VERSION } from '../version.ts';

interface LiveSource {
  runs(limit: number): Promise<readonly RunItem[]>;
  feed(recording: string): Promise<Feed | undefined>;
  release(feed: Feed): void;
}

interface Watched {
  readonly run: MeteredRun;
  readonly recordings: Map<string, { readonly name: string; readonly feed: Feed; last: number }>;
}

const MAX_RUNS = 50;
const PAGE = 1000;
export const METRICS_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

/** What runs that go on come to, as numbers for Prometheus: those that were seen going on since the start. Counted when it is asked for. */
export class LiveMetrics {
  readonly #source: LiveSource;
  readonly #metrics = new RunMetrics(VERSION);
  readonly #watched = new Map<string, Watched>();
  #turn: Promise<unknown> = Promise.resolve();

  constructor(source: LiveSource) {
    this.#source = source;
  }

  text(): Promise<string> {
    const text = this.#turn.then(() => this.#count()).then(() => this.#metrics.text());
    this.#turn = text.catch(() => {});
    return text;
  }

  async #count(): Promise<void> {
    const live = (await this.#source.runs(MAX_RUNS)).filter(({ state }) => state === 'running');
    for (const item of live) await this.#watch(item);
    for (const [id, watched] of this.#watched) {
      for (const recording of watched.recordings.values()) await takeAll(watched.run, recording);
      if (live.some((item) => item.id === id)) continue;
      // All that came before its end is counted.
      watched.run.end();
      for (const { feed } of watched.recordings.values()) this.#source.release(feed);
      this.#watched.delete(id);
    }
  }

  async #watch({ id, started, recordings }: RunItem): Promise<void> {
    let watched = this.#watched.get(id);
    if (watched === undefined) {
      const startMs = Date.parse(started ?? '');
      watched = { run: this.#metrics.run(Number.isNaN(startMs) ? Date.now() : startMs), recordings: new Map() };
      this.#watched.set(id, watched);
    }
    for (const { id: recording, name } of recordings) {
      if (watched.recordings.has(recording)) continue;
      const feed = await this.#source.feed(recording);
      if (feed !== undefined) watched.recordings.set(recording, { name, feed, last: -1 });
    }
  }
}

async function takeAll(
  run: MeteredRun,
  recording: { readonly name: string; readonly feed: Feed; last: number },
): Promise<void> {
  const { feed, name } = recording;
  await feed.ready();
  while (recording.last < feed.last) {
    const lines = await feed.page(recording.last, PAGE);
    const last = lines.at(-1)?.seq;
    if (last === undefined) return;
    recording.last = last;
    for (const { value } of lines) {
      const event = eventSchema.safeParse(value);
      if (event.success) run.event(event.data as Event, name);
    }
  }
}
