import { type Event, type EventOf, type Finding, isFinding } from '../model/event.ts';
import { KINDS, type KindRow } from '../model/kinds.ts';
import { StartWatch } from '../model/start-watch.ts';
import { type Label, type MetricName, OTHER } from './table.ts';

export type Labels = Readonly<Partial<Record<Label, string>>>;

/** Where numbers go. */
export interface Meter {
  /** Adds to a counter. */
  count(name: MetricName, labels: Labels, by?: number): void;
  /** Adds to a gauge that several runs share. */
  move(name: MetricName, by: number): void;
  set(name: MetricName, labels: Labels, value: number): void;
  /** Adds a value to a histogram. */
  observe(name: MetricName, labels: Labels, value: number): void;
}

/** Makes numbers of the events of a run. `lane` is which guest of several they are of: `guest-2`. */
export class EventMeter {
  readonly #meter: Meter;
  readonly #starts = new Map<string, StartWatch>();
  readonly #open = new Set<string>();
  readonly #running = new Set<string>();
  #lastWall = 0;

  constructor(meter: Meter) {
    this.#meter = meter;
  }

  event(event: Event, lane = 'guest-1'): void {
    const meter = this.#meter;
    meter.count('vexfs_trace_events_total', { event: event.event });
    const wall = event.time.wall === undefined ? Number.NaN : Date.parse(event.time.wall) / 1000;
    if (wall > this.#lastWall) {
      this.#lastWall = wall;
      meter.set('vexfs_trace_last_event_timestamp_seconds', {}, wall);
    }
    if (isFinding(event)) this.#finding(event);
    else this.#others[event.event](event as never, lane);
  }

  /** The run has ended: nothing of it goes on. */
  end(): void {
    this.#meter.move('vexfs_trace_incidents_open', -this.#open.size);
    this.#meter.move('vexfs_trace_tests_running', -this.#running.size);
    this.#open.clear();
    this.#running.clear();
  }

  #finding({ final, event, severity, matches, kind }: Finding): void {
    if (!final) return;
    const classification =
      matches[0]?.classification ?? (KINDS as Readonly<Record<string, KindRow>>)[kind]?.classification ?? 'unknown';
    this.#meter.count('vexfs_trace_findings_total', { type: event, classification, severity });
  }

  readonly #others = {
    incident: (event: EventOf<'incident'>) => this.#incident(event),
    recovery: ({ kind, result, durationMs }: EventOf<'recovery'>) => {
      this.#meter.count('vexfs_trace_recovery_actions_total', { action: kind, result });
      if (result !== 'skipped')
        this.#meter.observe('vexfs_trace_recovery_action_seconds', { action: kind }, durationMs / 1000);
    },
    test: (event: EventOf<'test'>, lane: string) => this.#test(event, lane),
    guest: (event: EventOf<'guest'>, lane: string) => this.#guest(event, lane),
    gap: ({ kind, lost }: EventOf<'gap'>) => {
      this.#meter.count('vexfs_trace_losses_total', { loss: kind });
      if (lost !== null && lost > 0) this.#meter.count('vexfs_trace_lost_records_total', { loss: kind }, lost);
    },
    metric: ({ kind, name, values }: EventOf<'metric'>, lane: string) => {
      if (kind !== 'resource' || typeof values !== 'object' || values === null) return;
      const machine = name === 'host' ? 'host' : lane;
      for (const [member, metric, factor] of RESOURCES) {
        const value = (values as Record<string, unknown>)[member];
        if (typeof value === 'number') this.#meter.set(metric, { machine }, value * factor);
      }
    },
    trace: () => {},
  };

  #incident({ kind, incident = '', classification, severity, outcome, recoveryMs }: EventOf<'incident'>): void {
    const meter = this.#meter;
    const before = this.#open.size;
    if (kind === 'opened') {
      this.#open.add(incident);
      meter.count('vexfs_trace_incidents_total', { classification, severity });
    } else if (kind === 'closed') {
      this.#open.delete(incident);
      meter.count('vexfs_trace_incidents_closed_total', { classification, outcome });
      if (outcome === 'recovered' && recoveryMs !== undefined)
        meter.observe('vexfs_trace_incident_recovery_seconds', { classification }, recoveryMs / 1000);
    }
    meter.move('vexfs_trace_incidents_open', this.#open.size - before);
  }

  #test({ kind, domain, verdict, culprit, durationMs }: EventOf<'test'>, lane: string): void {
    const meter = this.#meter;
    const before = this.#running.size;
    if (kind === 'start') this.#running.add(lane);
    else {
      this.#running.delete(lane);
      meter.count('vexfs_trace_tests_total', { domain: domain ?? OTHER, verdict: verdict ?? OTHER });
      if (culprit !== undefined) meter.count('vexfs_trace_test_culprits_total', { culprit });
      if (durationMs !== undefined)
        meter.observe('vexfs_trace_test_seconds', { domain: domain ?? OTHER }, durationMs / 1000);
    }
    meter.move('vexfs_trace_tests_running', this.#running.size - before);
  }

  #guest(event: EventOf<'guest'>, lane: string): void {
    this.#meter.count('vexfs_trace_guest_events_total', { kind: event.kind });
    const watch = this.#starts.get(lane) ?? new StartWatch();
    this.#starts.set(lane, watch);
    for (const { ok, ms } of watch.event(event)) {
      this.#meter.count('vexfs_trace_guest_starts_total', { result: ok ? 'ok' : 'failed' });
      if (ok) this.#meter.observe('vexfs_trace_guest_start_seconds', {}, ms / 1000);
    }
  }
}

/** Members of the values of a resource metric, in units of the table. */
const RESOURCES: readonly (readonly [string, MetricName, number])[] = [
  ['cpuPercent', 'vexfs_trace_cpu_usage_ratio', 0.01],
  ['memoryTotal', 'vexfs_trace_memory_bytes', 1],
  ['memoryAvailable', 'vexfs_trace_memory_available_bytes', 1],
  ['memoryPercent', 'vexfs_trace_memory_usage_ratio', 0.01],
  ['diskRead', 'vexfs_trace_disk_read_bytes_per_second', 1],
  ['diskWritten', 'vexfs_trace_disk_written_bytes_per_second', 1],
  ['networkReceived', 'vexfs_trace_network_received_bytes_per_second', 1],
  ['networkSent', 'vexfs_trace_network_sent_bytes_per_second', 1],
];
