import { atLeast } from '../model/classification.ts';
import type { EventOf } from '../model/event.ts';
import type { Condition, Holding } from './condition.ts';
import type { When } from './rule-schema.ts';

/** Incidents that are remembered; what was not recovered stays. */
const MAX_OPEN = 1000;

/** Incidents that are open, or that ended without having been recovered. */
export function incident({ severity, classification }: NonNullable<When['incident']>): Condition {
  const open = new Map<string, Holding>();
  const isMeant = (event: EventOf<'incident'>) =>
    (severity === undefined || atLeast(event.severity, severity)) &&
    (classification === undefined || classification.includes(event.classification));
  return {
    event(event, _, machine) {
      if (event.event !== 'incident' || event.incident === undefined) return false;
      const isOver = event.kind === 'closed' && event.outcome !== 'not-recovered';
      if (isOver || !isMeant(event)) return open.delete(event.incident);
      const labels = { machine, incident: event.incident, classification: event.classification };
      const what = event.kind === 'closed' ? ' was not recovered' : '';
      if (open.size < MAX_OPEN || open.has(event.incident))
        open.set(event.incident, { labels, value: 1, text: `${event.title} (${event.classification})${what}` });
      return true;
    },
    holding: () => [...open.values()],
    due: undefined,
  };
}
