import type { Evidence, Finding } from '../model/event.ts';
import { type Content, html } from './markup.ts';
import type { Recording, Story } from './story.ts';
import type { Placed } from './verdict.ts';

/** Where things stand in the page. No name of an anchor comes from a log. */
export class Anchors {
  readonly #incidents = new Map<string, string>();
  readonly #lines = new Map<string, string>();
  readonly #recordings = new Map<Recording, number>();
  readonly #alone: boolean;

  constructor({ recordings }: Story, incidents: readonly Placed[]) {
    this.#alone = recordings.length === 1;
    for (const { incident, anchor } of incidents) this.#incidents.set(incident.id, anchor);
    for (const [r, recording] of recordings.entries()) {
      this.#recordings.set(recording, r + 1);
      for (const [e, { stream, lines }] of recording.excerpts.entries())
        for (const { number } of lines)
          this.#lines.set(`${r + 1} ${stream} ${number}`, `line-${r + 1}-${e + 1}-${number}`);
    }
  }

  incident(id: string | undefined): string | undefined {
    return id === undefined ? undefined : this.#incidents.get(id);
  }

  line(recording: Recording, stream: string, number: number): string | undefined {
    return this.#lines.get(`${this.#recordings.get(recording) ?? 0} ${stream} ${number}`);
  }

  /** Text that leads to an incident where the page has it. */
  toIncident(id: string | undefined, text: Content): Content {
    const anchor = this.incident(id);
    return anchor === undefined ? text : html`<a href="#${anchor}">${text}</a>`;
  }

  /** Places in the raw streams; those whose lines the page has are links. */
  evidence(recording: Recording, { evidence }: Pick<Finding, 'evidence'>): Content {
    return evidence.slice(0, MAX_PLACES).map((place, i) => html`${i > 0 && ', '}${this.#place(recording, place)}`);
  }

  #place(recording: Recording, { stream, line, endLine, byte, endByte }: Evidence): Content {
    const lines =
      line === undefined
        ? `bytes ${byte}–${endByte}`
        : endLine === undefined || endLine === line
          ? line
          : `${line}–${endLine}`;
    const text = `${this.#alone ? '' : `${recording.name} `}${stream}:${lines}`;
    const anchor = line === undefined ? undefined : this.line(recording, stream, line);
    return anchor === undefined ? html`<code>${text}</code>` : html`<a href="#${anchor}"><code>${text}</code></a>`;
  }
}

const MAX_PLACES = 8;
