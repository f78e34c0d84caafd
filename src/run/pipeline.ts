import { lazy } from '../base/lazy.ts';
import type { RawLine, StreamPlace } from '../base/lines.ts';
import type { ReportUpdate } from '../grammar/report-reader.ts';
import { TraceReader } from '../grammar/traces/index.ts';
import { secondsOf } from '../grammar/wall-prefix.ts';
import type { RawText } from '../model/about.ts';
import type { Chunk, Stream } from '../model/chunk.ts';
import { type Event, type Evidence, type Finding, isFinding, type Match } from '../model/event.ts';
import type { HostRecord } from '../model/host-record.ts';
import type { Kind } from '../model/kinds.ts';
import type { LogLine } from '../model/line.ts';
import { markerOf, type TestMarker } from '../model/test-marker.ts';
import type { Matcher } from '../patterns/match.ts';
import type { Matching, Raised } from '../patterns/match-run.ts';
import { type OtherEvent, otherEvent, type Unmatched } from '../patterns/subject.ts';
import { LogStream } from './console-stream.ts';
import { DumpedTrace } from './dumped-trace.ts';
import { Emitter, type Printed } from './emitter.ts';
import { completeFinding, type FindingDraft, reportFinding } from './finding.ts';
import { type Gap, GapMeter } from './gap-meter.ts';
import type { createHostReader } from './host-stream.ts';
import { IncidentLog, type Incidents } from './incident-log.ts';
import { LeakFindings } from './leak-findings.ts';
import { findingOfHost, plainFinding, raisedFinding } from './plain-finding.ts';
import { ProbeStream } from './probe-stream.ts';
import { RuleIncidents } from './rule-incidents.ts';
import { TraceStream } from './trace-stream.ts';

export interface PipelineOptions {
  readonly run: string;
  readonly startWall: number;
  readonly guest?: string;
  /** False for files: there is no time of arrival. */
  readonly live: boolean;
  readonly matcher: Matcher;
  readonly profile?: 'default' | 'syzkaller';
  readonly slowOperationMs?: number;
  /** Name of the file that the `file` stream comes from. */
  readonly file?: string;
  /** The file is the text of a trace, whoever printed it: what comes as `ftrace` is read by its content. */
  readonly traceText?: boolean;
  /** `rawText` will be asked for. */
  readonly keepRaw?: boolean;
  /** Reads the `host` stream. Logs that people bring have none, and what checks records takes longer to load than a short log to read. */
  readonly hostReader?: typeof createHostReader;
  readonly sink: (event: Event) => void;
  readonly warn: (message: string) => void;
  /** A kernel log said where a test begins or ends. */
  readonly onMarker?: (marker: TestMarker) => void;
}

/** Records after which the guest's past has ended and a new one begins. */
const BOUNDARIES: ReadonlySet<string> = new Set(['boot', 'reset', 'restore']);
/** A task that such a finding is about may never come back. */
const DISTURBING: ReadonlySet<Finding['severity']> = new Set(['critical', 'fatal']);

/**
 * The one way from bytes to events, live, offline and in replay. It reads no clock: time is what the chunks and
 * `advance` say, so the same chunks give the same events.
 */
export class Pipeline {
  readonly #options: PipelineOptions;
  readonly #emitter: Emitter;
  readonly #incidents: Incidents;
  /** Kernel time of the last finding: when it goes back, a log has come to another boot. */
  #kernelTime = 0;
  #bootId: string | undefined;
  readonly #logs = new Map<Stream, LogStream>();
  readonly #trace: TraceStream;
  readonly #dumped = new DumpedTrace();
  readonly #leaks = new LeakFindings();
  readonly #run: Matching;
  /** What patterns made of events that are no findings; emitted when the event that did it is out, with all that it entails. */
  readonly #raised: { readonly raised: Raised; readonly evidence: Evidence }[] = [];
  readonly #losses: GapMeter;
  readonly #probes: ProbeStream;
  readonly #push: Readonly<Record<Stream, (chunk: Chunk) => void>>;
  /** Identifiers of the reports that are open, by stream and key, and the test that they began in. */
  readonly #ids = new Map<string, { readonly id: string; readonly test: string | undefined }>();
  /** By the markers in the log itself: a report is read later than it was written. Of a log without markers the host's word counts. */
  #markedTest: { readonly test: string | undefined } | undefined;
  /** Lines read of all logs. */
  lines = 0;

  constructor(options: PipelineOptions) {
    this.#options = options;
    const { matcher, sink } = options;
    this.#run = matcher.begin();
    this.#emitter = new Emitter({
      ...options,
      sink: (event) => {
        sink(event);
        if (!isFinding(event) && matcher.watches(event.event)) this.#other(otherEvent(event), event.evidence[0]);
      },
    });
    this.#incidents = options.live ? new IncidentLog(this.#emitter) : new RuleIncidents(this.#emitter);
    this.#losses = new GapMeter((gap, evidence, from) =>
      this.#emitGap(gap, evidence, from / 1e9, this.#emitter.now / 1e9),
    );
    this.#trace = new TraceStream({
      ...(options.traceText && { reader: new TraceReader() }),
      ...(options.traceText && options.file !== undefined && { file: options.file }),
      ...(options.slowOperationMs !== undefined && { slowOperationMs: options.slowOperationMs }),
      onFinding: (plain) => this.#finding(this.#emitter.newId(), plainFinding(plain)),
      wantsRecords: lazy(() => matcher.watches('trace')),
      onRecord: (record, evidence) => this.#traceRecord(record, evidence),
      onGap: ({ cpu, lost, evidence }) =>
        this.#losses.add(
          { kind: 'ftrace-lost', lost, unit: 'events', ...(cpu !== null && { cpu }) },
          evidence,
          this.#emitter.now,
        ),
    });
    this.#probes = new ProbeStream({
      onLost: (lost) =>
        this.#losses.add({ kind: 'bpftrace-lost', lost, unit: 'events' }, nowhere('bpftrace'), this.#emitter.now),
      onMetric: (kind, name, values) => {
        this.#emitter.emit({ event: 'metric', kind, name, values, evidence: [nowhere('bpftrace')] });
        this.#raise();
      },
    });
    const host = options.hostReader?.((record, evidence) => this.#record(record, evidence), options.warn);
    const log = (chunk: Chunk) => this.#log(chunk.stream).push(chunk.bytes, chunk.observed);
    this.#push = {
      console: log,
      kmsg: log,
      file: log,
      ftrace: ({ bytes, observed }) => this.#trace.push(bytes, observed),
      bpftrace: ({ bytes }) => this.#probes.push(bytes),
      host: ({ bytes }) => host?.(bytes),
      // Answers of the agent are for the session; a capture keeps them, and what was asked, for people.
      control: () => {},
      commands: () => {},
    };
  }

  /** Time has come to `observed`: what waits for a quiet moment before it is done at its own time. */
  advance(observed: number): void {
    for (;;) {
      const next = this.#nextDue();
      if (next === undefined || next.due > observed) break;
      this.#emitter.now = Math.max(this.#emitter.now, next.due);
      next.act();
    }
    this.#emitter.now = Math.max(this.#emitter.now, observed);
  }

  /** When `advance` has something to do next, host nanoseconds. */
  get due(): number | undefined {
    return this.#nextDue()?.due;
  }

  /** What becomes due first, so that the order of events does not depend on how often `advance` is called. */
  #nextDue(): { readonly due: number; readonly act: () => void } | undefined {
    const { due: lossDue } = this.#losses;
    let next = lossDue === undefined ? undefined : { due: lossDue, act: () => this.#losses.flush(lossDue) };
    const { quietAt } = this.#trace;
    if (quietAt !== undefined && (next === undefined || quietAt < next.due))
      next = { due: quietAt, act: () => this.#trace.settle() };
    for (const log of this.#logs.values()) {
      const due = log.quietAt;
      if (due !== undefined && (next === undefined || due < next.due)) next = { due, act: () => log.settle() };
    }
    return next;
  }

  /** Records of traces so far. */
  get records(): number {
    return this.#trace.records + this.#trace.rows;
  }

  push(chunk: Chunk): void {
    if (this.#options.live) this.advance(chunk.observed);
    this.#push[chunk.stream](chunk);
  }

  /** The bytes that a finding rests on, while it is handed to the sink and `keepRaw` is set. */
  rawText({ evidence: [place] }: Finding): RawText | undefined {
    return place && this.#logs.get(place.stream as Stream)?.rawText(place.byte, place.endByte);
  }

  /** What comes next of a stream stands elsewhere: in another file, perhaps. */
  moveTo(stream: Stream, file: string | undefined, place: StreamPlace): void {
    this.#log(stream).moveTo(file, place);
  }

  /** The last chunk has come. */
  end(): void {
    for (const log of this.#logs.values()) log.end();
    this.#traceEnds();
    this.#losses.flush();
    this.#incidents.close('not-attempted');
    this.#raise();
  }

  /** How long things took, and on how much the verdicts of the trace rest, and its silence. */
  #traceEnds(): void {
    const { analysis, latencies } = this.#trace.end();
    const metric = (kind: string, name: string, values: unknown) =>
      this.#emitter.emit({ event: 'metric', kind, name, values, evidence: [nowhere('ftrace')] });
    for (const [name, values] of Object.entries(latencies))
      if (Object.keys(values).length > 0) metric('latency', name, values);
    if (analysis !== null) metric('trace-analysis', 'summary', analysis);
  }

  #log(stream: Stream): LogStream {
    let log = this.#logs.get(stream);
    if (log === undefined) {
      const { live, file, profile, keepRaw } = this.#options;
      log = new LogStream({
        stream,
        live,
        ...(file !== undefined && { file }),
        ...(profile !== undefined && { profile }),
        ...(keepRaw !== undefined && { keepRaw }),
        onUpdate: (update) => this.#report(update),
        onLine: (line, raw) => this.#line(line, raw),
      });
      this.#logs.set(stream, log);
    }
    return log;
  }

  #line(line: LogLine, raw: RawLine): void {
    this.lines += 1;
    this.#dumped.line(line);
    const marker = markerOf(line.body);
    if (marker !== undefined) this.#mark(marker);
    if (line.boot !== undefined && line.boot !== this.#bootId) this.#newBoot(line.boot);
    if (line.dropped === undefined && !raw.cut) return;
    const { stream, file, byte, endByte, time } = line;
    const place = { stream, ...(file !== undefined && { file }), byte, endByte, line: line.line };
    if (line.dropped !== undefined)
      this.#gap({ kind: 'printk-dropped', lost: line.dropped, unit: 'messages' }, place, time);
    if (raw.cut) this.#gap({ kind: 'line-cut', lost: null, unit: 'bytes' }, place, time);
  }

  #mark(marker: TestMarker): void {
    this.#markedTest = { test: marker.begins ? marker.test : undefined };
    this.#options.onMarker?.(marker);
  }

  /** A journal says which boot an entry is from; what a log begins with is no new one. */
  #newBoot(id: string): void {
    if (this.lines > 1) this.#newBootOfLog();
    this.#bootId = id;
    this.#kernelTime = 0;
  }

  #newBootOfLog(): void {
    this.#emitter.boot += 1;
    this.#run.boundary();
  }

  /** A loss at a known place. */
  #gap(gap: Gap, evidence: Evidence, time?: number): void {
    this.#emitGap(gap, [evidence], null, time ?? null, time);
  }

  #emitGap(gap: Gap, evidence: readonly Evidence[], from: number | null, to: number | null, kernelTime?: number): void {
    const stream = evidence[0]?.stream ?? '';
    this.#emitter.emit({ event: 'gap', ...gap, stream, from, to, evidence: [...evidence] }, { kernel: kernelTime });
    this.#raise();
  }

  #report({ report, final }: ReportUpdate): void {
    const key = `${report.stream} ${report.key}`;
    const known = this.#ids.get(key) ?? {
      id: this.#emitter.newId(),
      test: (this.#markedTest ?? this.#emitter).test,
    };
    if (final) this.#ids.delete(key);
    else this.#ids.set(key, known);
    const text = report.lines.map((line) => line.text).join('\n');
    const { time, wall } = report.lines[0]?.place ?? {};
    // A live event has the wall time of its arrival.
    const printed = { kernel: time, ...(!this.#options.live && { wall }) };
    const { test } = this.#emitter;
    this.#emitter.test = known.test;
    this.#finding(known.id, reportFinding(report, final), printed, text);
    this.#emitter.test = test;
  }

  /** Emits a finding as a member of its incident. */
  #finding(id: string, draft: FindingDraft, printed: Printed = {}, text?: string, raised?: Match): void {
    if (DISTURBING.has(draft.severity)) this.#leaks.disturb();
    if (draft.kind === 'kcsan-data-race' && draft.final)
      this.#trace.corroborate(draft.stacks.flatMap(({ frames: [top] }) => top?.fn ?? []));
    const { live } = this.#options;
    const kernelTime = printed.kernel;
    if (!live && kernelTime !== undefined) {
      if (kernelTime < this.#kernelTime - 1) this.#newBootOfLog();
      this.#kernelTime = kernelTime;
    }
    const time = live ? this.#emitter.now / 1e9 : (kernelTime ?? secondsOf(printed.wall) ?? this.#kernelTime);
    const { title, altTitles, fingerprint, context } = draft;
    const { cpu, pid } = context;
    const place = this.#incidents.place({
      ...{ id, kind: draft.kind as Kind, title, altTitles, fingerprint, boot: this.#emitter.boot, time },
      ...(cpu !== undefined && { cpu }),
      ...(pid !== undefined && { pid }),
    });
    const flight = draft.final ? this.#flight(draft) : undefined;
    const match = (finding: Unmatched) =>
      raised === undefined ? this.#run.finding(finding, text, { seconds: time, incident: place.incident }) : [raised];
    const body = completeFinding(draft, { id, ...place, ...(flight && { flight }) }, match);
    this.#incidents.add(this.#emitter.emit(body, printed) as Finding, time);
    this.#raise();
  }

  /** What is known of the time before: from the trace as it came, and from what the kernel printed of it in the end. */
  #flight({ context, evidence }: FindingDraft): Readonly<Record<string, unknown>> | undefined {
    const streamed = this.#trace.flight(context.pid);
    const dumped = evidence[0] && this.#dumped.of(evidence[0]);
    if (streamed === undefined && dumped === undefined) return undefined;
    return { ...streamed, ...(dumped && { dumped }) };
  }

  #traceRecord(record: OtherEvent, evidence: Evidence): void {
    this.#other(record, evidence);
    this.#raise();
  }

  #other(event: OtherEvent, evidence: Evidence | undefined): void {
    const seconds = this.#options.live ? this.#emitter.now / 1e9 : this.#kernelTime;
    for (const raised of this.#run.other(event, { seconds, incident: event.incident }))
      this.#raised.push({ raised, evidence: evidence ?? nowhere('host') });
  }

  /** Not at once: an incident that is just being told of must not grow under its own hands. */
  #raise(): void {
    for (let next = this.#raised.shift(); next !== undefined; next = this.#raised.shift())
      this.#finding(this.#emitter.newId(), raisedFinding(next.raised, next.evidence), {}, undefined, next.raised.match);
  }

  #record(record: HostRecord, evidence: Evidence): void {
    switch (record.record) {
      case 'guest': {
        if (BOUNDARIES.has(record.kind)) this.#boundary();
        this.#emitter.emit({ event: 'guest', kind: record.kind, detail: record.detail, evidence: [evidence] });
        const found = findingOfHost(record, evidence);
        if (found !== undefined) this.#finding(this.#emitter.newId(), plainFinding(found));
        break;
      }
      case 'recovery': {
        const { action, record: _, ...rest } = record;
        this.#emitter.emit({ event: 'recovery', kind: action, ...rest, evidence: [evidence] });
        break;
      }
      case 'resource':
        this.#emitter.emit({
          event: 'metric',
          kind: 'resource',
          name: record.of,
          values: record.usage,
          evidence: [evidence],
        });
        break;
      case 'test':
        this.#test(record, evidence);
        break;
      case 'leaks':
        this.#leakSample(record, evidence);
        break;
      case 'recovery-started':
        this.#incidents.hold(record.incident);
        break;
      case 'incident-closed': {
        const { outcome, incident, record: _, ...times } = record;
        this.#incidents.close(outcome, incident, times);
        break;
      }
    }
    this.#raise();
  }

  #test({ record: _, ...event }: Extract<HostRecord, { record: 'test' }>, evidence: Evidence): void {
    if (event.kind === 'start') this.#emitter.test = event.test;
    this.#emitter.emit({ event: 'test', ...event, evidence: [evidence] });
    if (event.kind === 'end') this.#emitter.test = undefined;
  }

  #leakSample(record: Extract<HostRecord, { record: 'leaks' }>, evidence: Evidence): void {
    const { point } = record;
    const found = this.#leaks.record(record, evidence);
    if (point !== 'start')
      this.#emitter.emit({
        event: 'metric',
        kind: 'leaks',
        name: point,
        values: this.#leaks.metric(record),
        evidence: [evidence],
      });
    for (const finding of found) this.#finding(this.#emitter.newId(), plainFinding(finding));
  }

  #boundary(): void {
    for (const log of this.#logs.values()) log.end();
    this.#trace.boundary();
    this.#dumped.boundary();
    this.#leaks.boundary();
    this.#losses.flush();
    this.#probes.boundary();
    this.#run.boundary();
    // Markers of before the boundary say nothing of what is behind it.
    this.#markedTest = undefined;
    this.#emitter.boot += 1;
  }
}

/** Evidence in a stream whose reader does not count bytes. */
function nowhere(stream: Stream): Evidence {
  return { stream, byte: 0, endByte: 0 };
}
