import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { ExpectedError } from '../base/errors.ts';
import { TraceReader, type TraceRecord } from '../grammar/traces/index.ts';
import type { HostRecord } from '../model/host-record.ts';
import type { TimelineSink } from '../sink/timeline-sink.ts';
import { readChunks } from '../source/capture-reader.ts';
import { openLog } from '../source/open-log.ts';
import { readBlocks } from '../source/read-blocks.ts';
import { GuestTraceReader } from './guest-trace-reader.ts';
import { createHostReader } from './host-stream.ts';
import { TimelineBuilder } from './timeline/build.ts';
import { isPagesFolder, readPages } from './trace-pages.ts';

export interface ExportCount {
  /** Records of the trace, and how many of them the timeline shows. */
  readonly records: number;
  readonly shown: number;
  /** Losses, and the events that they are known to have cost. */
  readonly losses: number;
  readonly lost: number;
}

/** After these a guest's past has ended. */
const BOUNDARIES: ReadonlySet<HostRecord['record'] | string> = new Set(['boot', 'reset', 'restore']);

/**
 * Reads a trace to its end and gives its timeline to `sink`: a file of any form that `TraceReader` knows, packed or not, `-` for standard
 * input, a recording of `attach`, or a folder with pages of the ring buffer. Fails when there is no trace in it.
 */
export async function exportTrace(
  name: string,
  stdin: Readable,
  sink: TimelineSink,
  warn: (message: string) => void,
): Promise<ExportCount> {
  const count = { records: 0, losses: 0, lost: 0 };
  const builder = new TimelineBuilder((item) => sink.item(item));
  const take = (record: TraceRecord) => {
    if (record.kind === 'header' || record.kind === 'text') return;
    if (record.kind === 'lost') {
      count.losses += 1;
      count.lost += record.lost ?? 0;
    } else count.records += 1;
    builder.record(record);
  };
  if (name !== '-' && !existsSync(name)) throw new ExpectedError('usage', `${name} does not exist`, NEXT);
  if (name !== '-' && statSync(name).isDirectory()) await readFolder(name, builder, take, warn);
  else await readText(name === '-' ? stdin : readBlocks(name), name, take, warn);
  builder.end();
  if (count.records === 0) throw new ExpectedError('nothingRan', `no trace was found in ${name}`, NEXT);
  if (builder.taken === 0) warn(`none of the ${count.records} records of ${name} has a time or a stack`);
  return { ...count, shown: builder.taken };
}

const NEXT = 'name a trace, a recording of attach, or a folder with pages of the ring buffer';

async function readText(
  source: AsyncIterable<Uint8Array>,
  name: string,
  take: (record: TraceRecord) => void,
  warn: (message: string) => void,
): Promise<void> {
  const { bytes } = await openLog(source, (words) => warn(`${name}: ${words}`));
  const reader = new TraceReader();
  for await (const chunk of bytes) reader.push(chunk, take);
  reader.flush(take);
}

async function readFolder(
  name: string,
  builder: TimelineBuilder,
  take: (record: TraceRecord) => void,
  warn: (message: string) => void,
): Promise<void> {
  if (isPagesFolder(name)) {
    for await (const record of readPages(name)) take(record);
    return;
  }
  if (!existsSync(join(name, 'capture.json')))
    throw new ExpectedError('usage', `${name} is a folder without a trace`, NEXT);
  const reader = new GuestTraceReader();
  const host = createHostReader((record) => {
    if (record.record !== 'guest' || !BOUNDARIES.has(record.kind)) return;
    reader.flush(take);
    builder.boundary();
  }, warn);
  for await (const { stream, bytes } of readChunks(name, warn)) {
    if (stream === 'ftrace') reader.push(bytes, take);
    else if (stream === 'host') host(bytes);
  }
  reader.flush(take);
}
