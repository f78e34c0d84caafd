import type { Condition, Holding } from './condition.ts';
import { incident } from './incident.ts';

/** What is noted of a guest that does not answer, and what says that it does again. */
const SILENT: ReadonlySet<string> = new Set(['hang', 'frozen', 'agent-dead']);
const AGAIN: ReadonlySet<string> = new Set(['ready', 'boot', 'reset', 'restore', 'exit']);

/** A guest that hangs: it does not answer, or an incident is open that is a hang. One alert a guest. */
export function hang(): Condition {
  const incidents = incident({ classification: ['system-hang', 'deadlock'] });
  const silent = new Map<string, string>();
  return {
    event(event, at, lane) {
      const changed = incidents.event(event, at, lane);
      if (event.event === 'guest' && SILENT.has(event.kind)) silent.set(lane, event.kind);
      else if (event.event === 'guest' && AGAIN.has(event.kind)) silent.delete(lane);
      // Its incident ends when it answers again.
      else if (event.event === 'incident' && event.kind === 'closed' && event.outcome === 'recovered')
        silent.delete(lane);
      else return changed;
      return true;
    },
    holding(at): readonly Holding[] {
      const holding = new Map<string, Holding>();
      for (const { labels, text } of incidents.holding(at)) {
        const machine = labels.machine ?? '';
        holding.set(machine, { labels: { machine }, value: 1, text });
      }
      for (const [machine, kind] of silent)
        holding.set(machine, { labels: { machine }, value: 1, text: `${machine} does not answer (${kind})` });
      return [...holding.values()];
    },
    due: undefined,
  };
}
