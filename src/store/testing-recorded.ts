import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Event } from '../model/event.ts';

/** Of `fixtures/runs`: a run of the first level with probes, and one of faults with crashes and recoveries. */
const RECORDINGS = ['level-1/guest-1', 'faults/guest-1'] as const;

/** Events of recorded runs as they were written, over and over until there are so many, each time with numbers and ids of its own. `runs`: the folder of recorded runs. */
export function recordedEvents(runs: string, run: string, count: number): Event[] {
  const recorded = RECORDINGS.flatMap((name) => readEvents(join(runs, name, 'events.ndjson')));
  return Array.from({ length: count }, (_, seq) => {
    const event = recorded[seq % recorded.length] as Event;
    const round = Math.floor(seq / recorded.length);
    const incident = event.incident === undefined ? {} : { incident: `${event.incident.slice(0, -4)}${tail(round)}` };
    return { ...event, run, seq, id: `${event.id.slice(0, -4)}${tail(round)}`, ...incident };
  });
}

function readEvents(file: string): Event[] {
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Event);
}

function tail(round: number): string {
  return round.toString(36).toUpperCase().padStart(4, '0');
}
