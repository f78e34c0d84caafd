import type { About } from '../model/about.ts';
import { type Event, type Finding, isFinding } from '../model/event.ts';
import { type Brief, briefOf } from './brief.ts';
import { type LogPlace, logPlace } from './places.ts';

/** A finding that another one of its incident tells all of. */
export interface Repeat {
  readonly title: string;
  readonly place: LogPlace;
}

/** Findings of one incident. */
export interface Group {
  /** The cause first. */
  readonly briefs: readonly Brief[];
  /** Findings whose title stands among the briefs or was told before. */
  readonly repeats: readonly Repeat[];
  /** Findings beyond those, which are only counted. */
  readonly uncounted: number;
  /** The incident began in an earlier group. */
  readonly continued: boolean;
}

interface Open {
  briefs: Brief[];
  repeats: Repeat[];
  uncounted: number;
  continued: boolean;
  readonly titles: Set<string>;
}

/** Different findings of an incident that are told in full, and repeats that are named. */
const MAX_BRIEFS = 16;
const MAX_REPEATS = 64;

/** Collects findings until their incident is closed, so that what belongs together stands together. Memory is bounded by the incidents that are open. */
export class IncidentGroups {
  readonly #excerptLines: number;
  readonly #emit: (group: Group) => void;
  readonly #open = new Map<string, Open>();

  constructor(excerptLines: number, emit: (group: Group) => void) {
    this.#excerptLines = excerptLines;
    this.#emit = emit;
  }

  event(event: Event, about: About): void {
    if (isFinding(event)) this.#add(event, about);
    else if (event.event === 'incident' && event.kind === 'closed') {
      const id = event.incident ?? '';
      this.#show(this.#open.get(id));
      this.#open.delete(id);
    }
  }

  /** Hands out what there is of every incident. What still comes of it is a group that continues it. */
  pause(): void {
    for (const open of this.#open.values()) this.#show(open);
  }

  /** No incident goes on, closed or not. */
  end(): void {
    this.pause();
    this.#open.clear();
  }

  #add(finding: Finding, about: About): void {
    const id = finding.incident ?? finding.id;
    const open = this.#open.get(id) ?? { briefs: [], repeats: [], uncounted: 0, continued: false, titles: new Set() };
    this.#open.set(id, open);
    const { title } = finding;
    if (!open.titles.has(title) && open.titles.size < MAX_BRIEFS) {
      open.titles.add(title);
      open.briefs.push(briefOf(finding, about, this.#excerptLines));
    } else if (open.repeats.length < MAX_REPEATS) open.repeats.push({ title, place: logPlace(finding) });
    else open.uncounted += 1;
  }

  #show(open: Open | undefined): void {
    if (open === undefined || open.briefs.length + open.repeats.length === 0) return;
    const { briefs, repeats, uncounted, continued } = open;
    this.#emit({ briefs, repeats, uncounted, continued });
    Object.assign(open, { briefs: [], repeats: [], uncounted: 0, continued: true });
  }
}
