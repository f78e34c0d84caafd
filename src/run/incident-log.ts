import type { IncidentFinding } from '../identify/incidents.ts';
import { type Classification, SEVERITIES, type Severity } from '../model/classification.ts';
import type { EventOf, Finding } from '../model/event.ts';
import type { Emitter } from './emitter.ts';

interface Open {
  readonly id: string;
  readonly cause: string;
  title: string;
  classification: Classification;
  readonly evidence: Finding['evidence'];
  readonly members: Set<string>;
  severity: Severity;
  last: number;
}

/** See `recoveryTimes` of the model. */
type RecoveryTimes = Pick<EventOf<'incident'>, 'recoveryMs' | 'beyondBootMs'>;

/** Gives findings their incidents and tells of each as it opens, grows and closes. */
export interface Incidents {
  /** The incident of a finding that is about to be emitted. */
  place(candidate: IncidentFinding): { readonly incident: string; readonly related: readonly string[] };
  /** The finding has been emitted, so that an incident never comes before its cause. */
  add(finding: Finding, at: number): void;
  close(outcome: EventOf<'incident'>['outcome'], id?: string, times?: RecoveryTimes): void;
  /** Its recovery has begun: only `close` ends it from here on. */
  hold(id: string): void;
}

/** Findings that follow within this time belong to the same incident: a crash is rarely alone. */
const WINDOW_S = 10;

/** Findings that an incident names. A module may warn a thousand times a second, and each update names them all. */
const MAX_MEMBERS = 100;

/**
 * Opens, extends and closes incidents. The first finding of an incident is its cause and names it; what follows in the
 * same boot before the guest was recovered belongs to it. Without a live guest time alone decides.
 */
export class IncidentLog implements Incidents {
  readonly #emitter: Emitter;
  #open: Open | undefined;
  #held = false;
  /** The last one that was closed: a report that is complete only now still belongs to it. */
  #past: Open | undefined;

  constructor(emitter: Emitter) {
    this.#emitter = emitter;
  }

  place({ id, time: at }: Pick<IncidentFinding, 'id' | 'time'>): {
    readonly incident: string;
    readonly related: readonly string[];
  } {
    const open = this.#open;
    if (this.#past?.members.has(id))
      return { incident: this.#past.id, related: [...this.#past.members].filter((other) => other !== id) };
    const known = open !== undefined && (this.#held || open.members.has(id) || at - open.last <= WINDOW_S);
    if (open !== undefined && !known) this.close('not-attempted');
    return {
      incident: this.#open?.id ?? this.#emitter.newId(),
      related: [...(this.#open?.members ?? [])].filter((other) => other !== id),
    };
  }

  add(finding: Finding, at: number): void {
    const open = this.#open;
    if (this.#past?.members.has(finding.id)) return;
    if (open === undefined) {
      this.#open = {
        id: finding.incident ?? '',
        cause: finding.id,
        title: finding.title,
        classification: finding.matches[0]?.classification ?? 'unknown',
        evidence: finding.evidence,
        members: new Set([finding.id]),
        severity: finding.severity,
        last: at,
      };
      this.#emit('opened', 'open', this.#open);
      return;
    }
    open.last = at;
    if (finding.id === open.cause) {
      open.title = finding.title;
      open.classification = finding.matches[0]?.classification ?? open.classification;
    }
    const worse = SEVERITIES.indexOf(finding.severity) < SEVERITIES.indexOf(open.severity);
    if (worse) open.severity = finding.severity;
    const fresh = !open.members.has(finding.id) && open.members.size < MAX_MEMBERS;
    if (fresh) open.members.add(finding.id);
    if (fresh || worse) this.#emit('updated', 'open', open);
  }

  close(outcome: EventOf<'incident'>['outcome'], id?: string, times: RecoveryTimes = {}): void {
    const open = this.#open;
    if (open === undefined || (id !== undefined && id !== open.id)) return;
    this.#open = undefined;
    this.#held = false;
    this.#past = open;
    this.#emit('closed', outcome, open, times);
  }

  hold(id: string): void {
    this.#held = this.#open?.id === id;
  }

  #emit(
    kind: EventOf<'incident'>['kind'],
    outcome: EventOf<'incident'>['outcome'],
    open: Open,
    times: RecoveryTimes = {},
  ): void {
    this.#emitter.emit({
      event: 'incident',
      kind,
      incident: open.id,
      cause: open.cause,
      title: open.title,
      members: [...open.members],
      classification: open.classification,
      severity: open.severity,
      outcome,
      ...times,
      evidence: open.evidence,
    });
  }
}
