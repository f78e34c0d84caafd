import { type Event, type Finding, isFinding } from '../model/event.ts';
import { createMatcher } from '../patterns/match.ts';
import { Pipeline } from './pipeline.ts';

/** What a recording must give of each finding. */
export type Summary = Pick<Finding, 'kind' | 'title' | 'type' | 'corrupted'> & { readonly frames: string };

const matcher = createMatcher([]);

/** Events of a console, read in chunks of a size. */
export function readConsole(bytes: Uint8Array, chunk = bytes.length): Event[] {
  const events: Event[] = [];
  const pipeline = new Pipeline({
    run: 'fixture',
    startWall: 0,
    live: false,
    file: 'console',
    matcher,
    sink: (event) => events.push(event),
    warn: () => {},
  });
  for (let at = 0; at < bytes.length; at += chunk)
    pipeline.push({ stream: 'file', observed: 0, bytes: bytes.subarray(at, at + chunk) });
  pipeline.end();
  return events;
}

/** The final findings. */
export function summaryOf(events: readonly Event[]): Summary[] {
  return events
    .filter((event): event is Finding => isFinding(event) && event.final)
    .map(({ kind, title, type, corrupted, stacks }) => ({
      kind,
      title,
      type,
      corrupted,
      frames: stacks
        .map(
          ({ role, frames }) =>
            `${role}: ${frames
              .slice(0, 4)
              .map(({ fn }) => fn)
              .join(' < ')}`,
        )
        .join(' | '),
    }));
}
