import { type EventLine, lineOf } from './event-line.ts';
import { encode } from './route.ts';

/** Events that are held; the first ones go when there are more, and can be asked for again. */
const MAX_EVENTS = 200_000;
const GROUPS: Readonly<Record<string, ReadonlySet<string>>> = {
  all: new Set(),
  findings: new Set(['crash', 'race', 'lock', 'leak']),
  incidents: new Set(['incident', 'recovery']),
  guest: new Set(['guest', 'test']),
  losses: new Set(['gap']),
  metrics: new Set(['metric', 'trace']),
};
export const EVENT_GROUPS = Object.keys(GROUPS);

export interface Wanted {
  readonly group: string;
  readonly words: readonly string[];
}

/** The events of a recording as they come: each is looked at once, and shows up when the page is drawn next. */
export class EventLog {
  readonly #all: EventLine[] = [];
  #chosen: EventLine[] = [];
  #wanted: Wanted = { group: 'all', words: [] };
  #dropped = 0;
  #source: EventSource | undefined;
  #drawing = false;
  #open = false;
  readonly #onChange: () => void;

  constructor(recording: string, onChange: () => void) {
    this.#onChange = onChange;
    this.#source = new EventSource(`/api/recordings/${encode(recording)}/stream`);
    this.#source.onmessage = ({ data }: MessageEvent<string>) => this.#add(lineOf(data));
    this.#source.onopen = () => this.#state(true);
    // It comes again by itself, with the number of the last event.
    this.#source.onerror = () => this.#state(false);
  }

  /** Events that are wanted, by their numbers. */
  get lines(): readonly EventLine[] {
    return this.#chosen;
  }

  get total(): number {
    return this.#all.length + this.#dropped;
  }

  get connected(): boolean {
    return this.#open;
  }

  want(wanted: Wanted): void {
    this.#wanted = wanted;
    this.#chosen = this.#all.filter((line) => this.#isWanted(line));
    this.#change();
  }

  close(): void {
    this.#source?.close();
    this.#source = undefined;
  }

  #add(line: EventLine | undefined): void {
    if (line === undefined) return;
    this.#all.push(line);
    if (this.#isWanted(line)) this.#chosen.push(line);
    if (this.#all.length > MAX_EVENTS * 1.1) {
      const gone = this.#all.splice(0, this.#all.length - MAX_EVENTS);
      this.#dropped += gone.length;
      const first = this.#all[0]?.seq ?? 0;
      this.#chosen = this.#chosen.filter(({ seq }) => seq >= first);
    }
    this.#change();
  }

  #isWanted({ event, kind, severity, text }: EventLine): boolean {
    const { group, words } = this.#wanted;
    if (group !== 'all' && GROUPS[group]?.has(event) !== true) return false;
    if (words.length === 0) return true;
    const all = `${event} ${kind} ${severity} ${text}`.toLowerCase();
    return words.every((word) => all.includes(word));
  }

  #state(open: boolean): void {
    this.#open = open;
    this.#change();
  }

  #change(): void {
    if (this.#drawing) return;
    this.#drawing = true;
    requestAnimationFrame(() => {
      this.#drawing = false;
      this.#onChange();
    });
  }
}
