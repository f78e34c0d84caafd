import type { LogRead } from '../model/about.ts';
import { SEVERITIES, type Severity } from '../model/classification.ts';
import { type Event, type EventOf, type Finding, isFinding } from '../model/event.ts';
import { isIn, logPlace } from './places.ts';

export interface KindCount {
  readonly kind: string;
  /** The worst of them. */
  readonly severity: Severity;
  readonly count: number;
}

export interface Loss {
  readonly kind: string;
  readonly unit: string;
  /** Null when the kernel did not always say how many. */
  readonly lost: number | null;
  readonly times: number;
}

export interface LogCount extends LogRead {
  readonly findings: number;
}

/** What a run of `analyze` comes to. */
export interface Summary {
  readonly findings: number;
  readonly incidents: number;
  /** Worst first; severities without a finding are left out. */
  readonly bySeverity: Readonly<Partial<Record<Severity, number>>>;
  /** Worst first, then the most frequent. */
  readonly byKind: readonly KindCount[];
  readonly panicked: number;
  readonly corrupted: readonly { readonly reason: string; readonly count: number }[];
  readonly losses: readonly Loss[];
  readonly logs: readonly LogCount[];
}

/** Counts what goes by. */
export class Tally {
  #findings = 0;
  #incidents = 0;
  #panicked = 0;
  readonly #kinds = new Map<string, { severity: Severity; count: number }>();
  readonly #severities = new Map<Severity, number>();
  readonly #corrupted = new Map<string, number>();
  readonly #losses = new Map<string, { kind: string; unit: string; lost: number | null; times: number }>();
  readonly #perLog = new Map<string, number>();
  readonly #logs: LogRead[] = [];

  event(event: Event): void {
    if (isFinding(event)) this.#finding(event);
    else if (event.event === 'incident') this.#incidents += event.kind === 'opened' ? 1 : 0;
    else if (event.event === 'gap') this.#gap(event);
  }

  log(log: LogRead): void {
    this.#logs.push(log);
  }

  summary(): Summary {
    const rank = (severity: Severity) => SEVERITIES.indexOf(severity);
    return {
      findings: this.#findings,
      incidents: this.#incidents,
      bySeverity: Object.fromEntries([...this.#severities].sort(([a], [b]) => rank(a) - rank(b))),
      byKind: [...this.#kinds]
        .map(([kind, counted]) => ({ kind, ...counted }))
        .sort((a, b) => rank(a.severity) - rank(b.severity) || b.count - a.count || (a.kind < b.kind ? -1 : 1)),
      panicked: this.#panicked,
      corrupted: [...this.#corrupted].map(([reason, count]) => ({ reason, count })),
      losses: [...this.#losses.values()].map((loss) => ({ ...loss })),
      logs: this.#logs.map((log) => ({ ...log, findings: this.#foundIn(log.file) })),
    };
  }

  #foundIn(log: string): number {
    const own = this.#perLog.get(log);
    if (own !== undefined) return own;
    let sum = 0;
    for (const [file, count] of this.#perLog) if (isIn({ file }, log)) sum += count;
    return sum;
  }

  #finding(finding: Finding): void {
    const { kind, severity, corrupted, corruptedReason, panicked } = finding;
    this.#findings += 1;
    if (panicked) this.#panicked += 1;
    const counted = this.#kinds.get(kind) ?? { severity, count: 0 };
    counted.count += 1;
    if (SEVERITIES.indexOf(severity) < SEVERITIES.indexOf(counted.severity)) counted.severity = severity;
    this.#kinds.set(kind, counted);
    increase(this.#severities, severity);
    increase(this.#perLog, logPlace(finding).file);
    if (corrupted) increase(this.#corrupted, corruptedReason);
  }

  #gap({ kind, unit, lost }: EventOf<'gap'>): void {
    const key = `${kind} ${unit}`;
    const loss = this.#losses.get(key) ?? { kind, unit, lost: 0, times: 0 };
    loss.times += 1;
    loss.lost = lost === null || loss.lost === null ? null : loss.lost + lost;
    this.#losses.set(key, loss);
  }
}

function increase<K>(counts: Map<K, number>, key: K): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
