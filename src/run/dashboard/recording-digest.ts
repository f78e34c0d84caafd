import type { Digest, IncidentItem, RunState } from '../../model/dashboard.ts';
import type { Event } from '../../model/event.ts';
import { eventSchema } from '../../model/event-schema.ts';
import { Collector } from '../../report/collect.ts';
import type { Incident } from '../../report/story.ts';
import type { LogLine } from '../../server/event-log.ts';
import { ProbeTables } from './probe-tables.ts';

/** What a recording comes to while its events go by; memory is bounded, however many come. */
export class RecordingDigest {
  readonly #collector = new Collector();
  readonly #probes = new ProbeTables();
  #seq = -1;
  #strange = 0;
  #recovered = 0;
  #made: Omit<Digest, 'state' | 'damaged'> | undefined;

  add(lines: readonly LogLine[]): void {
    for (const { seq, value } of lines) {
      this.#seq = seq;
      const read = eventSchema.safeParse(value);
      if (!read.success) {
        this.#strange += 1;
        continue;
      }
      const event = read.data as Event;
      this.#collector.event(event, undefined);
      if (event.event === 'metric') this.#probes.metric(event);
      else if (event.event === 'incident' && event.kind === 'closed')
        this.#recovered += Number(event.outcome === 'recovered');
    }
    this.#made = undefined;
  }

  /** `damaged`: lines that the log itself could not read. */
  digest(recording: string, state: RunState, damaged: number): Digest {
    this.#made ??= this.#make(recording);
    return { ...this.#made, state, damaged: damaged + this.#strange };
  }

  #make(recording: string): Omit<Digest, 'state' | 'damaged'> {
    const { metrics, incidents, endNs, ...rest } = this.#collector.collected();
    const { operations: _operations, waits: _waits, ...charts } = metrics;
    return {
      ...{ recording, seq: this.#seq, events: rest.events, seconds: endNs / 1e9, findings: rest.findings },
      ...{
        bySeverity: rest.bySeverity,
        incidentCount: rest.incidentCount,
        recovered: this.#recovered,
        losses: rest.losses,
        charts,
      },
      incidents: incidents.map(incidentItem),
      milestones: rest.milestones.map(({ atNs, what, text }) => ({ at: atNs / 1e9, what, text })),
      moreMilestones: rest.moreMilestones,
      probes: this.#probes.items(),
    };
  }
}

function incidentItem(incident: Incident): IncidentItem {
  const { id, title, severity, classification, outcome, atNs, endNs, findings, recoveries } = incident;
  return {
    ...{ id, title, severity, classification, outcome, at: atNs / 1e9, end: endNs === undefined ? null : endNs / 1e9 },
    recoveryMs: incident.recoveryMs ?? null,
    test: incident.test ?? null,
    fault: incident.fault ?? null,
    fingerprint: findings[0]?.finding.fingerprint ?? null,
    seqs: findings.map(({ finding }) => finding.seq),
    recoveries: recoveries.map(({ kind, result, verified }) => ({ action: kind, result, verified })),
  };
}
