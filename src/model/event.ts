import type { z } from 'zod';
import type { eventSchema, evidenceSchema, findingSchema, matchSchema } from './event-schema.ts';

export type Evidence = Readonly<z.infer<typeof evidenceSchema>>;
export type Match = Readonly<z.infer<typeof matchSchema>>;
export type Finding = z.infer<typeof findingSchema>;
/** One event of the contract: an object a line in NDJSON. */
export type Event = z.infer<typeof eventSchema>;
export type EventOf<K extends Event['event']> = Extract<Event, { event: K }>;

/** The schemas stand apart, so that what only passes events on need not load them. */
export const EVENT_SCHEMA: Event['schema'] = 'vexfs-trace/event/1';

export function isFinding(event: Event): event is Finding {
  return event.event === 'crash' || event.event === 'race' || event.event === 'lock' || event.event === 'leak';
}
