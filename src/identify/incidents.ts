import type { Kind } from '../model/kinds.ts';
import { INCIDENT_RULES, type IncidentRule } from './incident-rules.ts';

/** What grouping needs to know of a finding. */
export interface IncidentFinding {
  readonly id: string;
  readonly kind: Kind;
  readonly title: string;
  readonly altTitles: readonly string[];
  readonly fingerprint: string;
  readonly boot: number;
  /** Seconds, of the kernel's clock where it prints one, else of the host's; on one clock within a boot. */
  readonly time: number;
  readonly cpu?: number;
  readonly pid?: number;
}

export interface Incident {
  /** Id of the first finding, which counts as the cause. */
  readonly cause: string;
  readonly title: string;
  readonly boot: number;
  /** In order of time, the cause first; `why` names the rule that joined a finding. */
  readonly members: readonly { readonly id: string; readonly why: string }[];
}

export interface IncidentUpdate {
  readonly change: 'opened' | 'updated' | 'closed';
  readonly incident: Incident;
}

export interface IncidentGrouper {
  /** Joins a final finding to the incident it belongs to, or opens one. */
  add(finding: IncidentFinding): IncidentUpdate[];
  /** Closes what has been quiet for longer than any rule reaches; a new boot closes everything of the old one. */
  advance(boot: number, time: number): IncidentUpdate[];
  flush(): IncidentUpdate[];
}

/** No rule reaches further, in seconds. */
const REACH = Math.max(...INCIDENT_RULES.map((rule) => rule.within));
/** Findings of one incident that later ones are compared with, and incidents kept open. */
const MAX_COMPARED = 32;
const MAX_OPEN = 64;
/** A finding that comes again and again fills an incident; the next one goes to a new incident. */
const MAX_MEMBERS = 256;

interface Open {
  incident: Incident;
  readonly recent: IncidentFinding[];
  last: number;
}

/** Groups related findings of a boot, first cause first, without looking ahead: memory is bounded. */
export function createIncidentGrouper(): IncidentGrouper {
  const open: Open[] = [];

  const close = (which: (entry: Open) => boolean): IncidentUpdate[] => {
    const closed = open.filter(which);
    for (const entry of closed) open.splice(open.indexOf(entry), 1);
    return closed.map(({ incident }) => ({ change: 'closed', incident }));
  };

  const advance = (boot: number, time: number): IncidentUpdate[] =>
    close((entry) => entry.incident.boot !== boot || time - entry.last > REACH);

  return {
    advance,
    flush: () => close(() => true),
    add(finding) {
      const updates = advance(finding.boot, finding.time);
      for (const entry of open) {
        const why = reason(entry.recent, finding);
        if (why === undefined || entry.incident.members.length >= MAX_MEMBERS) continue;
        join(entry, finding, why);
        return [...updates, { change: 'updated', incident: entry.incident }];
      }
      if (open.length >= MAX_OPEN) updates.push(...close((entry) => entry === open[0]));
      const incident: Incident = {
        cause: finding.id,
        title: finding.title,
        boot: finding.boot,
        members: [{ id: finding.id, why: 'the first' }],
      };
      open.push({ incident, recent: [finding], last: finding.time });
      return [...updates, { change: 'opened', incident }];
    },
  };
}

function join(entry: Open, finding: IncidentFinding, why: string): void {
  entry.incident = { ...entry.incident, members: [...entry.incident.members, { id: finding.id, why }] };
  entry.last = Math.max(entry.last, finding.time);
  entry.recent.push(finding);
  // The cause stays, the oldest of the others goes.
  if (entry.recent.length > MAX_COMPARED) entry.recent.splice(1, 1);
}

/** The strongest rule by which a finding belongs to one of the earlier ones. */
function reason(earlier: readonly IncidentFinding[], finding: IncidentFinding): string | undefined {
  return INCIDENT_RULES.find((rule) => earlier.some((cause) => holds(rule, cause, finding)))?.name;
}

function holds(rule: IncidentRule, cause: IncidentFinding, effect: IncidentFinding): boolean {
  const apart = effect.time - cause.time;
  if (apart < 0 || apart > rule.within) return false;
  if (!rule.cause(cause.kind) || !rule.effect(effect.kind)) return false;
  if (rule.same === undefined) return true;
  if (rule.same === 'name') return sameName(cause, effect);
  const field = rule.same === 'task' ? 'pid' : 'cpu';
  // Task 0 is the idle task of every CPU.
  if (field === 'pid' && effect.pid === 0) return false;
  return cause[field] !== undefined && cause[field] === effect[field];
}

/** Two findings are one bug when their titles and alternative titles meet, or their fingerprints are equal. */
export function sameName(a: Pick<IncidentFinding, 'title' | 'altTitles' | 'fingerprint'>, b: typeof a): boolean {
  if (a.fingerprint !== '' && a.fingerprint === b.fingerprint) return true;
  const names = new Set([a.title, ...a.altTitles]);
  return [b.title, ...b.altTitles].some((name) => names.has(name));
}
