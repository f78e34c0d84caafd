import { FlightRecorder, type FlightSnapshot } from '../analysis/flight.ts';
import { Latencies, type LatencySummary } from '../analysis/latencies.ts';
import { type SlowOperation, SlowOperations } from '../analysis/slow-operation.ts';
import type { AnalysisSummary } from '../analysis/trace-analysis.ts';
import { type WaitCycle, WaitCycles } from '../analysis/wait-cycle.ts';
import { Waits } from '../analysis/waits.ts';
import { type FtraceRecord, vexfsEvent } from '../grammar/ftrace/index.ts';
import type { TraceRecord } from '../grammar/traces/index.ts';
import type { Evidence } from '../model/event.ts';
import type { OtherEvent } from '../patterns/subject.ts';
import { GuestTraceReader } from './guest-trace-reader.ts';
import type { PlainFinding } from './plain-finding.ts';
import { TraceVerdicts } from './trace-verdicts.ts';

export interface TraceStreamOptions {
  /** Reads the bytes; what reads the stream of a guest or machine when absent. */
  readonly reader?: Reader;
  /** The file that they come from, when they are no stream of a run. */
  readonly file?: string;
  /** Operations that take longer are reported; 1000 when absent. */
  readonly slowOperationMs?: number;
  readonly onFinding: (finding: PlainFinding, time: number | null) => void;
  /** Some pattern asks for records of traces: `onRecord` wants to hear of each. */
  readonly wantsRecords: () => boolean;
  readonly onRecord: (record: OtherEvent, evidence: Evidence) => void;
  readonly onGap: (gap: {
    readonly cpu: number | null;
    readonly lost: number | null;
    readonly evidence: Evidence;
  }) => void;
}

type Emit = (record: TraceRecord, known?: boolean) => void;
interface Reader {
  push(bytes: Uint8Array, emit: Emit): void;
  flush(emit: Emit): void;
  readonly waiting?: GuestTraceReader['waiting'];
  readonly inOrder?: boolean;
}

/** A deadlock has to last a second before it is told. */
const QUIET_NANOSECONDS = 1.2e9;

/** Bytes of a trace to what is derived from them: what the module was doing, slow operations, wait cycles, lock order and races, losses. */
export class TraceStream {
  readonly #options: TraceStreamOptions;
  readonly #flight = new FlightRecorder();
  readonly #slow: SlowOperations;
  readonly #cycles = new WaitCycles();
  readonly #latencies = new Latencies();
  readonly #waits = new Waits(this.#latencies);
  readonly #verdicts: TraceVerdicts;
  readonly #reader: Reader;
  /** The last event: what is told later rests on it. */
  #last: Extract<FtraceRecord, { kind: 'event' }> | undefined;
  #quietAt: number | undefined;
  #heard = false;
  records = 0;
  /** Of tables and calls, which are read and not analysed. */
  rows = 0;

  constructor(options: TraceStreamOptions) {
    this.#options = options;
    this.#reader = options.reader ?? new GuestTraceReader();
    this.#verdicts = new TraceVerdicts(options.onFinding, () => this.#reader.inOrder === true);
    this.#slow = new SlowOperations(
      options.slowOperationMs === undefined ? {} : { thresholdMs: options.slowOperationMs },
    );
  }

  /** `observed`: host nanoseconds. */
  push(bytes: Uint8Array, observed: number): void {
    this.#heard = true;
    this.#reader.push(bytes, (record, known) => this.#record(record, known));
    this.#quietAt = observed + QUIET_NANOSECONDS;
  }

  /** When to call `settle` if nothing more comes, host nanoseconds. */
  get quietAt(): number | undefined {
    return this.#quietAt;
  }

  /** Nothing came for a while: nobody is waited for any longer, and who waits for a lock goes on waiting. */
  settle(): void {
    this.#quietAt = undefined;
    this.#verdicts.settle();
    const last = this.#last;
    if (last?.time === null || last === undefined) return;
    for (const cycle of this.#cycles.advance(last.time + QUIET_NANOSECONDS / 1e9))
      this.#options.onFinding(cycleFinding(cycle, this.#evidence(last)), cycle.time);
  }

  /** Another boot begins: nothing of before is in flight, and half a line of it must not join the next. */
  boundary(): void {
    // The guest was stopped while it sent: what is cut off there is lost with all that it had not sent, which is no news.
    this.#reader.flush((record, known) => {
      if (record.kind !== 'lost' || known) this.#record(record, known);
    });
    for (const analysis of [this.#flight, this.#slow, this.#cycles, this.#waits, this.#verdicts]) analysis.reset();
    this.#last = undefined;
    this.#quietAt = undefined;
  }

  /** KCSAN has reported a race between these functions. */
  corroborate(functions: readonly string[]): void {
    this.#verdicts.corroborate(functions);
  }

  /** The trace has ended: on how much its verdicts rest, null when it held nothing to analyse, and how long things took. */
  end(): { readonly analysis: AnalysisSummary | null; readonly latencies: LatencySummary } {
    this.#reader.flush((record, known) => this.#record(record, known));
    return { analysis: this.#verdicts.end(), latencies: this.#latencies.summary() };
  }

  /**
   * What the module was doing; undefined when no trace has come. A crash is the end of its CPU's trace: what waits for other CPUs
   * belongs to its last records.
   */
  flight(pid: number | undefined): FlightSnapshot | undefined {
    if (!this.#heard) return undefined;
    const ahead = [...(this.#reader.waiting?.() ?? [])].filter((record) => record.kind === 'event');
    return this.#flight.snapshot({ ahead, ...(pid !== undefined && { pid }) });
  }

  /** `known`: a loss that has been told of, and is over now. */
  #record(record: TraceRecord, known = false): void {
    if (record.kind === 'lost') {
      for (const analysis of [this.#flight, this.#slow, this.#cycles, this.#waits, this.#verdicts])
        analysis.gap(record, known);
      if (known) return;
      this.#options.onGap({ cpu: record.cpu, lost: record.lost, evidence: this.#evidence(record) });
      return;
    }
    if (record.kind === 'stack' && record.space === 'kernel') this.#waits.stack(record.event, record.frames);
    if (record.kind !== 'event') {
      if (!SILENT.has(record.kind)) this.rows += 1;
      return;
    }
    this.records += 1;
    this.#last = record;
    const module = vexfsEvent(record);
    this.#flight.record(record, module);
    this.#waits.record(record, module);
    for (const slow of this.#slow.record(record, module))
      this.#options.onFinding(slowFinding(slow, this.#waits, this.#evidence(record)), slow.time);
    for (const cycle of this.#cycles.record(record, module))
      this.#options.onFinding(cycleFinding(cycle, this.#evidence(record)), cycle.time);
    this.#verdicts.record(record, module);
    if (this.#options.wantsRecords()) this.#options.onRecord(traceEvent(record, module), this.#evidence(record));
  }

  #evidence({ byte, endByte, line }: FtraceRecord): Evidence {
    const { file } = this.#options;
    return { stream: 'ftrace', ...(file !== undefined && { file }), byte, endByte, line };
  }
}

/** What belongs to other records, or is none. */
const SILENT: ReadonlySet<TraceRecord['kind']> = new Set(['header', 'text', 'stack']);

function traceEvent(
  record: Extract<FtraceRecord, { kind: 'event' }>,
  module: ReturnType<typeof vexfsEvent>,
): OtherEvent {
  const { name, payload, comm, pid, cpu } = record;
  return { event: 'trace', kind: name, name, context: { comm, pid, cpu }, details: { payload, ...module } };
}

function slowFinding(slow: SlowOperation, waits: Waits, evidence: Evidence): PlainFinding {
  const { pid, comm, cpu, op } = slow;
  return {
    kind: 'slow-operation',
    title: `slow operation: ${op}`,
    identity: [op],
    context: { pid, comm, cpu },
    details: { ...slow, waits: waits.of(pid, slow.time) },
    evidence,
  };
}

function cycleFinding(cycle: WaitCycle, evidence: Evidence): PlainFinding {
  const classes = [...new Set(cycle.classes)].sort();
  const [first] = cycle.tasks;
  return {
    kind: 'trace-deadlock',
    title: `deadlock: tasks wait for each other on ${classes.join(', ')}`,
    identity: classes,
    context: first === undefined ? {} : { pid: first.pid, comm: first.comm },
    details: { ...cycle },
    evidence,
  };
}
