import { createIncidentGrouper, type IncidentFinding, type IncidentUpdate } from '../identify/incidents.ts';
import { SEVERITIES } from '../model/classification.ts';
import type { Finding } from '../model/event.ts';
import type { Emitter } from './emitter.ts';
import type { Incidents } from './incident-log.ts';

interface Known {
  readonly id: string;
  readonly first: Finding;
  severity: Finding['severity'];
}

/** Incidents of a log that is read afterwards: there is no recovery that ends one, so the rules of `identify` decide. */
export class RuleIncidents implements Incidents {
  readonly #emitter: Emitter;
  readonly #grouper = createIncidentGrouper();
  /** By the id of the finding that each began with. */
  readonly #known = new Map<string, Known>();
  #pending: { readonly update: IncidentUpdate; readonly id: string } | undefined;

  constructor(emitter: Emitter) {
    this.#emitter = emitter;
  }

  place(candidate: IncidentFinding) {
    const updates = this.#grouper.add(candidate);
    const own = updates.pop();
    for (const update of updates) this.#closed(update);
    if (own === undefined) return { incident: this.#emitter.newId(), related: [] };
    const { cause, members } = own.incident;
    const id = this.#known.get(cause)?.id ?? this.#emitter.newId();
    this.#pending = { update: own, id };
    return { incident: id, related: members.map((member) => member.id).filter((other) => other !== candidate.id) };
  }

  add(finding: Finding): void {
    const { update, id } = this.#pending ?? {};
    if (update === undefined || id === undefined) return;
    const known = this.#known.get(update.incident.cause) ?? { id, first: finding, severity: finding.severity };
    this.#known.set(update.incident.cause, known);
    if (SEVERITIES.indexOf(finding.severity) < SEVERITIES.indexOf(known.severity)) known.severity = finding.severity;
    this.#emit(update, known, 'open');
  }

  close(): void {
    for (const update of this.#grouper.flush()) this.#closed(update);
  }

  hold(): void {}

  #closed(update: IncidentUpdate): void {
    const known = this.#known.get(update.incident.cause);
    this.#known.delete(update.incident.cause);
    if (known !== undefined) this.#emit(update, known, 'not-attempted');
  }

  #emit({ change, incident }: IncidentUpdate, { id, first, severity }: Known, outcome: 'open' | 'not-attempted'): void {
    this.#emitter.emit({
      event: 'incident',
      kind: change,
      incident: id,
      cause: first.id,
      title: first.title,
      members: incident.members.map((member) => member.id),
      classification: first.matches[0]?.classification ?? 'unknown',
      severity,
      outcome,
      evidence: first.evidence,
    });
  }
}
