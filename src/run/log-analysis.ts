import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { newRun } from '../base/id.ts';
import { isPstore, MAX_PSTORE, orderPstore, type PstorePart, splitPstore } from '../grammar/pstore.ts';
import { isTrace } from '../grammar/traces/index.ts';
import type { About, LogRead } from '../model/about.ts';
import { type Stream, streamFile } from '../model/chunk.ts';
import { type Event, type Finding, isFinding } from '../model/event.ts';
import type { Matcher } from '../patterns/match.ts';
import type { Followable } from '../source/followable.ts';
import type { LogInput } from '../source/log-inputs.ts';
import { openLog } from '../source/open-log.ts';
import { readBlocks } from '../source/read-blocks.ts';
import { adviceOf } from './advice.ts';
import { Pipeline } from './pipeline.ts';

export interface LogAnalysisOptions {
  readonly profile?: 'default' | 'syzkaller';
  /** Findings come with the text of their reports. */
  readonly keepRaw?: boolean;
  readonly onEvent: (event: Event, about: About) => void;
  /** A log has been read; none of its events comes later. */
  readonly onLog?: (log: LogRead) => void;
  /** Waited for before more is read: whoever takes the events may be slow. */
  readonly room?: () => Promise<void>;
  readonly warn: (message: string) => void;
}

/** Options of tracefs that print numbers, which mean nothing without the formats of the events. */
const NUMBERS = '; the options raw, hex and bin, and context-info when it is off, leave nothing to read';

/** Logs, one after the other, each with a pipeline of its own. Streams; never holds a log, but for what pstore keeps. */
export class LogAnalysis {
  readonly #options: LogAnalysisOptions;
  readonly #matcher: Matcher;
  readonly #stdin: Readable | undefined;
  readonly #run = newRun();
  /** Parts of pstore wait for others of the same dump, which stand in the next files. */
  #parts: PstorePart[] = [];
  #seq = 0;
  /** Bytes of all logs, unpacked. */
  bytes = 0;

  constructor(options: LogAnalysisOptions, matcher: Matcher, stdin: Readable | undefined) {
    this.#options = options;
    this.#matcher = matcher;
    this.#stdin = stdin;
  }

  /** Reads a log, or a capture. Fails when there is nothing to be read in it. */
  async read(input: LogInput, damaged: (words: string) => void): Promise<void> {
    if (input.kind === 'capture') return this.#capture(input.name);
    const source = (input.kind === 'stdin' && this.#stdin) || readBlocks(input.name);
    let problem: string | undefined;
    const { head, bytes } = await openLog(source, (words) => {
      problem = words;
      damaged(words);
    });
    if (isPstore(head)) return this.#pstore(input.name, bytes);
    this.end();
    const { size, records } = await this.#log(input.name, bytes, isTrace(head));
    // An empty log is a trouble, which its reader tells.
    if (size === 0) return;
    if (records === 0)
      this.#options.warn(`${input.name} begins like a trace, and no event in it could be read${NUMBERS}`);
    const trace = records === undefined ? {} : { records };
    this.#options.onLog?.({ file: input.name, bytes: size, ...trace, ...(problem !== undefined && { problem }) });
  }

  /** Reads a log and what is appended to it, until the signal. */
  async follow({ kind, name: file }: Followable, signal: AbortSignal): Promise<void> {
    const { followLog } = await import('./follow-log.ts');
    const stream = kind === 'stdin' ? this.#stdin : kind === 'stream' ? createReadStream(file) : undefined;
    const log = { name: file, ...(stream !== undefined && { bytes: stream }) };
    const size = await followLog(log, this.#pipeline(file), this.#options.warn, signal);
    stream?.destroy();
    this.bytes += size;
    this.#options.onLog?.({ file, bytes: size });
  }

  /** No more logs come: what waits for others does so no longer. */
  end(): void {
    const parts = this.#parts;
    this.#parts = [];
    for (const group of orderPstore(parts)) {
      const pipeline = this.#pipeline(group[0]?.file ?? '');
      for (const { file, at, bytes } of group) {
        pipeline.moveTo('file', file, at);
        pipeline.push({ stream: 'file', observed: 0, bytes });
      }
      pipeline.end();
    }
    for (const file of new Set(parts.map((part) => part.file))) {
      const bytes = parts.reduce((sum, part) => sum + (part.file === file ? part.bytes.length : 0), 0);
      this.#options.onLog?.({ file, bytes });
    }
  }

  /** A trace may stand among lines of a log, as on a console: it is read as both. */
  async #log(
    name: string,
    bytes: AsyncIterable<Uint8Array>,
    trace: boolean,
  ): Promise<{ readonly size: number; readonly records: number | undefined }> {
    const pipeline = this.#pipeline(name, trace);
    let size = 0;
    for await (const chunk of bytes) {
      size += chunk.length;
      pipeline.push({ stream: 'file', observed: 0, bytes: chunk });
      if (trace) pipeline.push({ stream: 'ftrace', observed: 0, bytes: chunk });
      await this.#options.room?.();
    }
    pipeline.end();
    this.bytes += size;
    return { size, records: trace ? pipeline.records : undefined };
  }

  async #pstore(name: string, bytes: AsyncIterable<Uint8Array>): Promise<void> {
    const held: Uint8Array[] = [];
    let size = 0;
    for await (const chunk of bytes) {
      size += chunk.length;
      if (size > MAX_PSTORE) {
        this.#options.warn(
          `${name} begins like a dump of pstore and is longer than one; what is behind 8 MiB is left out`,
        );
        break;
      }
      held.push(new Uint8Array(chunk));
    }
    this.bytes += size;
    this.#parts.push(...splitPstore(name, Buffer.concat(held)));
  }

  async #capture(dir: string): Promise<void> {
    this.end();
    const { replay } = await import('./replay.ts');
    let bytes = 0;
    await replay(dir, {
      patterns: [],
      matcher: this.#matcher,
      recordedPace: false,
      signal: new AbortController().signal,
      onBytes: (count) => {
        bytes += count;
      },
      ...(this.#options.keepRaw !== undefined && { keepRaw: this.#options.keepRaw }),
      onEvent: (event, pipeline) => this.#event(placedIn(dir, event), pipeline),
      warn: (message) => this.#options.warn(`${dir}: ${message}`),
    });
    this.bytes += bytes;
    this.#options.onLog?.({ file: dir, bytes });
  }

  #pipeline(file: string, traceText = false): Pipeline {
    const { profile, keepRaw, warn } = this.#options;
    const pipeline: Pipeline = new Pipeline({
      run: `${this.#run}:${this.#seq}`,
      startWall: Date.now(),
      live: false,
      matcher: this.#matcher,
      file,
      traceText,
      sink: (event) => this.#event(event, pipeline),
      warn,
      ...(profile !== undefined && { profile }),
      ...(keepRaw !== undefined && { keepRaw }),
    });
    return pipeline;
  }

  /** Numbers go on over all logs, since the order of events is by them alone. */
  #event(event: Event, pipeline?: Pipeline): void {
    this.#options.onEvent({ ...event, seq: this.#seq++ }, isFinding(event) ? this.#about(event, pipeline) : {});
  }

  #about(finding: Finding, pipeline: Pipeline | undefined): About {
    const advice = adviceOf(finding, this.#matcher);
    // A report in several places has no text that stood there as one.
    const raw = finding.evidence.length === 1 ? pipeline?.rawText(finding) : undefined;
    return { ...(advice && { advice }), ...(raw && { raw }) };
  }
}

/** An event of a capture, with the files of its streams. */
function placedIn(dir: string, event: Event): Event {
  const placed = <P extends { readonly stream: string; readonly file?: string | undefined }>(place: P): P => ({
    ...place,
    file: place.file ?? join(dir, streamFile(place.stream as Stream)),
  });
  const evidence = event.evidence.map(placed);
  return isFinding(event) ? { ...event, evidence, source: placed(event.source) } : { ...event, evidence };
}
