import { setTimeout as sleep } from 'node:timers/promises';
import type { Event } from '../model/event.ts';
import { eventSchema } from '../model/event-schema.ts';
import type { Matcher } from '../patterns/match.ts';
import { readCaptureInfo, readChunks, readEvents } from '../source/capture-reader.ts';
import { createHostReader } from './host-stream.ts';
import { openLibrary } from './library.ts';
import { Pipeline } from './pipeline.ts';

export interface ReplayOptions {
  readonly patterns: readonly string[];
  /** Patterns that are loaded already, instead. */
  readonly matcher?: Matcher;
  /** At the pace at which it was recorded, instead of as fast as it goes. */
  readonly recordedPace: boolean;
  readonly signal: AbortSignal;
  /** So many bytes more have been read. */
  readonly onBytes?: (count: number) => void;
  /** The text of reports will be asked for. */
  readonly keepRaw?: boolean;
  readonly onEvent: (event: Event, pipeline: Pipeline) => void;
  readonly warn: (message: string) => void;
}

/** Runs a capture through the pipeline again. The same code and patterns give the same events, byte for byte. */
export async function replay(dir: string, options: ReplayOptions): Promise<void> {
  const info = readCaptureInfo(dir);
  const pipeline: Pipeline = new Pipeline({
    run: info.run,
    startWall: info.startWall,
    guest: info.guest ?? 'guest',
    live: true,
    ...(info.slowOperationMs !== undefined && { slowOperationMs: info.slowOperationMs }),
    matcher: options.matcher ?? (await openLibrary(options.patterns, options.warn)),
    hostReader: createHostReader,
    sink: (event) => options.onEvent(event, pipeline),
    warn: options.warn,
    ...(options.keepRaw !== undefined && { keepRaw: options.keepRaw }),
  });
  let at = 0;
  for await (const chunk of readChunks(dir, options.warn)) {
    if (options.signal.aborted) break;
    if (options.recordedPace && chunk.observed > at)
      await sleep((chunk.observed - at) / 1e6, undefined, { signal: options.signal }).catch(() => {});
    at = chunk.observed;
    options.onBytes?.(chunk.bytes.length);
    pipeline.push(chunk);
  }
  pipeline.end();
}

/** A place where the replay differs from what was written live. */
export interface Difference {
  readonly seq: number;
  readonly live: string | undefined;
  readonly replayed: string | undefined;
}

/** Replays and compares with the events that the capture holds. The first differences, none when all is the same. */
export async function checkReplay(
  dir: string,
  options: Omit<ReplayOptions, 'onEvent' | 'recordedPace'>,
  limit = 10,
): Promise<Difference[]> {
  const replayed: string[] = [];
  await replay(dir, {
    ...options,
    recordedPace: false,
    onEvent: (event) => replayed.push(JSON.stringify(eventSchema.parse(event))),
  });
  const differences: Difference[] = [];
  let seq = 0;
  for await (const event of readEvents(dir, options.warn)) {
    const live = JSON.stringify(event);
    if (live !== replayed[seq] && differences.length < limit) differences.push({ seq, live, replayed: replayed[seq] });
    seq += 1;
  }
  if (seq < replayed.length && differences.length < limit)
    differences.push({ seq, live: undefined, replayed: replayed[seq] });
  return differences;
}
