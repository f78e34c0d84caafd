import type { Advice } from '../model/about.ts';
import { type Classification, SEVERITIES, type Severity } from '../model/classification.ts';
import { type Event, type EventOf, type Finding, isFinding } from '../model/event.ts';
import { gapText } from '../sink/summary-lines.ts';
import { MetricCollector } from './metrics.ts';
import type { Collected, Incident, Milestone, Outcome, ToldFinding } from './story.ts';

/** Incidents that are told; beyond them only worse ones take the place of lesser ones. */
const MAX_INCIDENTS = 300;
/** Different findings of an incident that are told. */
const MAX_FINDINGS = 8;
const MAX_RECOVERIES = 64;
const MAX_MILESTONES = 1000;
const MAX_LOSSES = 50;

interface Open {
  id: string;
  title: string;
  classification: Classification;
  severity: Severity;
  outcome: Outcome;
  atNs: number;
  endNs: number | undefined;
  recoveryMs: number | undefined;
  test: string | undefined;
  fault: string | undefined;
  cause: string;
  more: number;
  readonly findings: Map<string, ToldFinding>;
  readonly recoveries: EventOf<'recovery'>[];
}

/** Cuts the events of a recording down to what a report tells, as they go by. Memory is bounded, however many come. */
export class Collector {
  readonly #incidents = new Map<string, Open>();
  readonly #dropped = new Set<string>();
  readonly #milestones: Milestone[] = [];
  readonly #losses: string[] = [];
  readonly #metrics = new MetricCollector();
  readonly #severities = new Map<Severity, number>();
  /** Put in, and nothing has come of it yet. */
  #fault: string | undefined;
  #events = 0;
  #endNs = 0;
  #findings = 0;
  #incidentCount = 0;
  #moreMilestones = 0;

  event(event: Event, advice: Advice | undefined): void {
    const atNs = Math.max(0, event.time.observed ?? 0);
    this.#events += 1;
    this.#endNs = Math.max(this.#endNs, atNs);
    this.#metrics.tick(atNs / 1e9);
    if (isFinding(event)) this.#finding(event, atNs, advice);
    else if (event.event === 'incident') this.#incident(event, atNs);
    else if (event.event === 'recovery') this.#recovery(event, atNs);
    else if (event.event === 'guest') this.#guest(event, atNs);
    else if (event.event === 'test') this.#test(event, atNs);
    else if (event.event === 'metric') this.#metrics.metric(event, atNs / 1e9);
    else if (event.event === 'gap' && this.#losses.length < MAX_LOSSES) this.#losses.push(gapText(event));
  }

  collected(): Collected {
    return {
      ...{ events: this.#events, endNs: this.#endNs, findings: this.#findings, incidentCount: this.#incidentCount },
      bySeverity: Object.fromEntries(this.#severities),
      incidents: [...this.#incidents.values()].map(told).sort((a, b) => a.atNs - b.atNs),
      ...{ milestones: this.#milestones, moreMilestones: this.#moreMilestones, losses: this.#losses },
      metrics: this.#metrics.metrics(),
    };
  }

  #finding(finding: Finding, atNs: number, advice: Advice | undefined): void {
    if (finding.final) {
      this.#findings += 1;
      this.#severities.set(finding.severity, (this.#severities.get(finding.severity) ?? 0) + 1);
    }
    const open = this.#open(finding.incident ?? finding.id, finding, atNs);
    if (open === undefined) return;
    if (open.cause === '') open.cause = finding.id;
    if (finding.test !== undefined) open.test ??= finding.test;
    const known = open.findings.has(finding.id);
    if (known || open.findings.size < MAX_FINDINGS)
      open.findings.set(finding.id, { finding, ...(advice !== undefined && { advice }) });
    else if (finding.final) open.more += 1;
  }

  #incident(event: EventOf<'incident'>, atNs: number): void {
    const open = this.#open(event.incident ?? event.id, event, atNs);
    if (event.kind !== 'updated')
      this.#milestone({
        ...{ atNs, what: `incident ${event.kind}` },
        text: event.kind === 'closed' ? `${event.outcome}: ${event.title}` : event.title,
        ...(event.incident !== undefined && { incident: event.incident }),
      });
    if (open === undefined) return;
    const { title, classification, severity, outcome, cause, recoveryMs } = event;
    Object.assign(open, { title, classification, severity, outcome, cause });
    if (event.test !== undefined) open.test ??= event.test;
    if (event.kind === 'closed') open.endNs = atNs;
    if (recoveryMs !== undefined) open.recoveryMs = recoveryMs;
  }

  #recovery(event: EventOf<'recovery'>, atNs: number): void {
    const { incident, kind, result, verified } = event;
    const recoveries = this.#incidents.get(incident ?? '')?.recoveries;
    if (recoveries !== undefined && recoveries.length < MAX_RECOVERIES) recoveries.push(event);
    const text = `${kind}: ${result}${verified ? ', verified' : ''}`;
    this.#milestone({ atNs, what: 'recovery', text, ...(incident !== undefined && { incident }) });
  }

  #guest({ kind, detail }: EventOf<'guest'>, atNs: number): void {
    const words = Object.entries(detail).flatMap(([name, value]) =>
      typeof value === 'object' ? [] : [`${name}: ${String(value)}`],
    );
    if (kind === 'fault') this.#fault = typeof detail.name === 'string' ? detail.name : 'a fault';
    this.#milestone({ atNs, what: `guest ${kind}`, text: words.join(', ') });
  }

  #test({ kind, test, verdict, reason, attempt }: EventOf<'test'>, atNs: number): void {
    const again = attempt !== undefined && attempt > 1 ? `, attempt ${attempt}` : '';
    const said = [verdict ?? '', reason ?? ''].filter((part) => part !== '').join(', ');
    this.#milestone({ atNs, what: `test ${kind}`, text: `${test ?? ''}${again}${said === '' ? '' : `: ${said}`}` });
  }

  #milestone(milestone: Milestone): void {
    if (this.#milestones.length < MAX_MILESTONES) this.#milestones.push(milestone);
    else this.#moreMilestones += 1;
  }

  /** Undefined for an incident that has no place among those that are told. */
  #open(id: string, { title, severity }: Finding | EventOf<'incident'>, atNs: number): Open | undefined {
    const known = this.#incidents.get(id);
    if (known !== undefined || this.#dropped.has(id)) return known;
    this.#incidentCount += 1;
    if (this.#incidents.size >= MAX_INCIDENTS && !this.#makeRoom(severity)) {
      this.#drop(id);
      return undefined;
    }
    const open: Open = {
      ...{ id, title, severity, classification: 'unknown', outcome: 'open', atNs, endNs: undefined, cause: '' },
      ...{ recoveryMs: undefined, test: undefined, fault: this.#fault, more: 0, findings: new Map(), recoveries: [] },
    };
    this.#fault = undefined;
    this.#incidents.set(id, open);
    return open;
  }

  #makeRoom(severity: Severity): boolean {
    let least: Open | undefined;
    for (const open of this.#incidents.values())
      if (least === undefined || rank(open.severity) >= rank(least.severity)) least = open;
    if (least === undefined || rank(least.severity) <= rank(severity)) return false;
    this.#incidents.delete(least.id);
    this.#drop(least.id);
    return true;
  }

  /** Late events of one that is not told must not open it again; those of long ago do not come any more. */
  #drop(id: string): void {
    this.#dropped.add(id);
    for (const first of this.#dropped) {
      if (this.#dropped.size <= MAX_INCIDENTS) break;
      this.#dropped.delete(first);
    }
  }
}

function rank(severity: Severity): number {
  return SEVERITIES.indexOf(severity);
}

/** What was not judged to its end takes the words of its cause. */
function told({ cause, findings, endNs, recoveryMs, test, fault, ...open }: Open): Incident {
  const all = [...findings.values()];
  const [first] = all.filter(({ finding }) => finding.id === cause);
  const best = (first ?? all[0])?.finding.matches[0];
  return {
    ...open,
    classification: open.classification === 'unknown' ? (best?.classification ?? 'unknown') : open.classification,
    findings: first === undefined ? all : [first, ...all.filter((one) => one !== first)],
    ...(endNs !== undefined && { endNs }),
    ...(recoveryMs !== undefined && { recoveryMs }),
    ...(test !== undefined && { test }),
    ...(fault !== undefined && { fault }),
  };
}
