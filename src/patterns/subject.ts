import { lazy } from '../base/lazy.ts';
import type { Event, Finding } from '../model/event.ts';

/** A finding before its matches are known. */
export type Unmatched = Omit<Finding, 'matches'>;

/** What patterns look at of an event that is no finding. A record of a trace is one as well, though it is never emitted. */
export interface OtherEvent {
  readonly event: Exclude<Event, Finding>['event'];
  readonly kind: string;
  readonly name?: string;
  readonly incident?: string | undefined;
  readonly context?: Readonly<Record<string, unknown>>;
  readonly details: Readonly<Record<string, unknown>>;
}

/** An event as conditions see it. */
export interface Subject {
  readonly event: string;
  readonly kind: string;
  readonly name: string | undefined;
  readonly finding: Unmatched | undefined;
  readonly context: Readonly<Record<string, unknown>>;
  readonly details: Readonly<Record<string, unknown>>;
  /** Where the words of a `text` condition are looked for. */
  readonly text: () => string;
}

/** `text` is the report as printed; without it the titles and the string details stand in. */
export function findingSubject(finding: Unmatched, text?: string): Subject {
  const { event, kind, context, details } = finding;
  return { event, kind, name: undefined, finding, context, details, text: lazy(() => text ?? fallbackText(finding)) };
}

export function otherSubject({ event, kind, name, context = {}, details }: OtherEvent): Subject {
  return { event, kind, name, finding: undefined, context, details, text: lazy(() => words(details)) };
}

/** An event of the contract that is no finding, as conditions see it: its own members are its details. */
export function otherEvent(event: Exclude<Event, Finding>): OtherEvent {
  const { kind, incident } = event;
  switch (event.event) {
    case 'guest':
      return { event: 'guest', kind, incident, details: event.detail };
    case 'metric':
      return { event: 'metric', kind, name: event.name, incident, details: valuesOf(event.values) };
    case 'trace':
      return { event: 'trace', kind, name: kind, incident, details: event.record };
    default: {
      const { schema: _schema, id: _id, seq: _seq, time: _time, evidence: _evidence, ...own } = event;
      return { event: event.event, kind, incident, details: own };
    }
  }
}

function valuesOf(values: unknown): Readonly<Record<string, unknown>> {
  return typeof values === 'object' && values !== null ? (values as Record<string, unknown>) : { value: values };
}

function fallbackText({ title, altTitles, details }: Unmatched): string {
  return [title, ...altTitles, words(details)].join('\n');
}

function words(details: Readonly<Record<string, unknown>>): string {
  return Object.values(details)
    .filter((value) => typeof value === 'string')
    .join('\n');
}
