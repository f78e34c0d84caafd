import type { RawLine } from '../base/lines.ts';
import type { ReportUpdate } from '../grammar/report-reader.ts';
import type { Chunk } from '../model/chunk.ts';
import type { Event, Evidence, Finding } from '../model/event.ts';
import type { HostRecord } from '../model/host-record.ts';
import type { LogLine } from '../model/line.ts';
import type { Matcher } from '../patterns/match.ts';
import { LogStream } from './console-stream.ts';
import { Emitter } from './emitter.ts';
import { type FindingBody, type FindingContext, toFinding } from './finding.ts';
import { type GuestRecord, HOST_FINDINGS, hostFinding } from './host-finding.ts';
import { createHostReader } from './host-stream.ts';
import { IncidentLog } from './incident-log.ts';

export interface PipelineOptions {
  readonly run: string;
  readonly startWall: number;
  readonly guest?: string;
  /** False for files: there is no time of arrival. */
  readonly live: boolean;
  readonly matcher: Matcher;
  readonly profile?: 'default' | 'syzkaller';
  /** Name of the file that the `file` stream comes from. */
  readonly file?: string;
  readonly sink: (event: Event) => void;
  readonly warn: (message: string) => void;
}

/** Records after which the guest's past has ended and a new one begins. */
const BOUNDARIES: ReadonlySet<string> = new Set(['boot', 'reset', 'restore']);

/**
 * The one way from bytes to events, live, offline and in replay. It reads no clock: time is what the chunks and
 * `advance` say, so the same chunks give the same events.
 */
export class Pipeline {
  readonly #options: PipelineOptions;
  readonly #emitter: Emitter;
  readonly #incidents: IncidentLog;
  readonly #log: LogStream;
  readonly #host: (bytes: Uint8Array) => void;
  /** Lines read of all streams. */
  lines = 0;
  /** Identifiers of the reports that are open, by their key. */
  readonly #ids = new Map<string, string>();

  constructor(options: PipelineOptions) {
    this.#options = options;
    this.#emitter = new Emitter(options);
    this.#incidents = new IncidentLog(this.#emitter);
    this.#log = new LogStream({
      stream: options.file === undefined ? 'console' : 'file',
      live: options.live,
      ...(options.file !== undefined && { file: options.file }),
      ...(options.profile !== undefined && { profile: options.profile }),
      onUpdate: (update) => this.#finding(update),
      onLine: (line, raw) => this.#line(line, raw),
    });
    this.#host = createHostReader((record, evidence) => this.#record(record, [evidence]), options.warn);
  }

  /** Time has come to `observed`: what waits for a quiet moment before it is done at its own time. */
  advance(observed: number): void {
    const due = this.#log.quietAt;
    if (due !== undefined && due <= observed) {
      this.#emitter.now = due;
      this.#log.settle();
    }
    this.#emitter.now = Math.max(this.#emitter.now, observed);
  }

  push(chunk: Chunk): void {
    if (this.#options.live) this.advance(chunk.observed);
    switch (chunk.stream) {
      case 'console':
      case 'kmsg':
      case 'file':
        this.#log.push(chunk.bytes, chunk.observed);
        break;
      case 'host':
        this.#host(chunk.bytes);
        break;
      default:
        break;
    }
  }

  /** The last chunk has come. */
  end(): void {
    this.#log.end();
    this.#incidents.close('not-attempted');
  }

  #line(line: LogLine, raw: RawLine): void {
    this.lines += 1;
    const place = {
      stream: line.stream,
      byte: line.byte,
      endByte: line.endByte,
      line: line.line,
      ...(line.file !== undefined && { file: line.file }),
    };
    if (line.dropped !== undefined) this.#gap('printk-dropped', line.dropped, 'messages', place, line.time);
    if (raw.cut) this.#gap('line-cut', null, 'bytes', place, line.time);
  }

  #gap(
    kind: 'printk-dropped' | 'line-cut',
    lost: number | null,
    unit: string,
    place: Finding['evidence'][number],
    time?: number,
  ): void {
    this.#emitter.emit(
      { event: 'gap', kind, stream: place.stream, lost, unit, from: null, to: time ?? null, evidence: [place] },
      time,
    );
  }

  #finding(update: ReportUpdate): void {
    const { key, lines } = update.report;
    const id = this.#ids.get(key) ?? this.#emitter.newId();
    if (update.final) this.#ids.delete(key);
    else this.#ids.set(key, id);
    this.#place(id, lines[0]?.place.time, (context) => toFinding(update, this.#options.matcher, context));
  }

  /** Emits a finding as a member of its incident. */
  #place(id: string, kernelTime: number | undefined, make: (context: FindingContext) => FindingBody): void {
    const at = this.#options.live ? this.#emitter.now / 1e9 : (kernelTime ?? 0);
    const place = this.#incidents.place(id, at);
    this.#incidents.add(this.#emitter.emit(make({ id, ...place }), kernelTime) as Finding, at);
  }

  #hostFinding(record: GuestRecord, evidence: Evidence): void {
    const found = HOST_FINDINGS[record.kind];
    if (found !== undefined) {
      this.#place(this.#emitter.newId(), undefined, (context) => hostFinding(found, record, evidence, context));
    }
  }

  #record(record: HostRecord, evidence: Finding['evidence']): void {
    switch (record.record) {
      case 'guest':
        if (BOUNDARIES.has(record.kind)) {
          this.#log.end();
          this.#emitter.boot += 1;
        }
        this.#emitter.emit({ event: 'guest', kind: record.kind, detail: record.detail, evidence });
        this.#hostFinding(record, evidence[0] as Evidence);
        break;
      case 'recovery': {
        const { action, incident, result, verified, durationMs, reason, checks } = record;
        this.#emitter.emit({
          event: 'recovery',
          kind: action,
          incident,
          result,
          verified,
          durationMs,
          reason,
          checks,
          evidence,
        });
        break;
      }
      case 'incident-closed':
        this.#incidents.close(record.outcome, record.incident);
        break;
    }
  }
}
