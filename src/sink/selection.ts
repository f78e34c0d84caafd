import type { Event, EventOf, Finding } from '../model/event.ts';
import { isFinding } from '../model/event.ts';

/** A point in time: seconds of the kernel's clock, or milliseconds since 1970 with the year to use where a log leaves it out. */
export type Since = { readonly kernel: number } | { readonly wall: number; readonly year: number };

export interface SelectionOptions {
  /** Kinds and events (`crash`, `lock`) that are shown; undefined for all. */
  readonly kinds?: ReadonlySet<string>;
  readonly since?: Since;
}

/** Lets through what was asked for. */
export interface Selection {
  /** The event as it is to be shown; null when it is not. */
  pick(event: Event): Event | null;
  /** Findings that `since` could not judge, because their log has no such clock. They are shown. */
  readonly undated: number;
}

/**
 * Picks findings by kind and time. Incidents name the findings that are shown and no others; one of which nothing is shown is
 * left out, and one whose cause is left out opens with the first finding that is shown.
 */
export function createSelection({ kinds, since }: SelectionOptions): Selection {
  const incidents = new Map<string, { readonly shown: Set<string>; cause: Finding; told: boolean }>();
  let undated = 0;
  if (kinds === undefined && since === undefined) return { pick: (event) => event, undated };

  const wanted = (finding: Finding): boolean => {
    if (kinds !== undefined && !kinds.has(finding.kind) && !kinds.has(finding.event)) return false;
    const late = since === undefined || isSince(finding, since);
    if (late === undefined) undated += 1;
    return late !== false;
  };

  const incident = (event: EventOf<'incident'>): Event | null => {
    const id = event.incident ?? '';
    const known = incidents.get(id);
    if (event.kind === 'closed') incidents.delete(id);
    if (known === undefined) return null;
    const { shown, cause, told } = known;
    const members = event.members.filter((member) => shown.has(member));
    if (event.kind === 'updated' && told && !shown.has(event.members.at(-1) ?? '')) return null;
    known.told = true;
    const kind = event.kind !== 'closed' && !told ? 'opened' : event.kind;
    if (cause.id === event.cause) return { ...event, kind, members };
    return { ...event, kind, members, cause: cause.id, title: cause.title, evidence: cause.evidence };
  };

  return {
    pick(event) {
      if (event.event === 'incident') return incident(event);
      if (event.event === 'gap') return since !== undefined && isSince(event, since) === false ? null : event;
      if (!isFinding(event)) return event;
      if (!wanted(event)) return null;
      const id = event.incident ?? '';
      const known = incidents.get(id) ?? { shown: new Set<string>(), cause: event, told: false };
      known.shown.add(event.id);
      incidents.set(id, known);
      return { ...event, related: event.related.filter((other) => known.shown.has(other)) };
    },
    get undated() {
      return undated;
    },
  };
}

/** Undefined when the event does not carry that clock. */
function isSince({ time }: Event, since: Since): boolean | undefined {
  if ('kernel' in since) return time.kernel === undefined ? undefined : time.kernel >= since.kernel;
  if (time.wall === undefined) return undefined;
  // RFC 3164 has no year: `--11-21T02:52:42`.
  const at = Date.parse(time.wall.startsWith('--') ? `${since.year}${time.wall.slice(1)}` : time.wall);
  return Number.isNaN(at) ? undefined : at >= since.wall;
}
