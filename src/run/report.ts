import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { messageOf } from '../base/errors.ts';
import type { About } from '../model/about.ts';
import { STREAMS, streamFile } from '../model/chunk.ts';
import { type Event, type Finding, isFinding } from '../model/event.ts';
import type { RunReport } from '../model/run-report.ts';
import { runReportSchema } from '../model/run-report-schema.ts';
import type { Matcher } from '../patterns/match.ts';
import { Collector } from '../report/collect.ts';
import type { Recording, Story } from '../report/story.ts';
import { readCaptureInfo, readEvents } from '../source/capture-reader.ts';
import { adviceOf } from './advice.ts';
import { openLibrary } from './library.ts';
import { replay } from './replay.ts';
import { excerptsOf, reportText } from './report-excerpts.ts';
import type { ReportInput } from './report-input.ts';
import { reportOfJournal } from './report-journal.ts';
import { TOOL } from './version.ts';

export interface ReportOptions {
  readonly patterns: readonly string[];
  readonly signal: AbortSignal;
  readonly warn: (message: string) => void;
  /** Every event of every recording, with places named from where the reader is; the text of reports comes with findings. */
  readonly onEvent?: (event: Event, about: About) => void;
  /** A recording has been read. */
  readonly onRecording?: (folder: string, bytes: number) => void;
}

/** Reads what a report tells from a folder. Nothing is written; what is damaged or missing is told and left out. */
export async function readStory(input: ReportInput, options: ReportOptions): Promise<Story> {
  const problems: string[] = [];
  const warn = (text: string) => {
    problems.push(text);
    options.warn(text);
  };
  const matcher = await openLibrary(options.patterns, options.warn);
  const run = input.kind === 'run' ? readRun(input.folder, warn) : undefined;
  const recordings: Recording[] = [];
  for (const folder of input.recordings) {
    if (options.signal.aborted) break;
    recordings.push(await readRecording(folder, input, matcher, { ...options, warn }));
  }
  return { name: input.folder, tool: TOOL, recordings, problems, ...(run !== undefined && { run }) };
}

/** The summary, which a run writes at its end; of one that has not got there, what its journal says. */
function readRun(folder: string, warn: (text: string) => void): RunReport {
  const path = join(folder, 'summary.json');
  if (existsSync(path)) {
    try {
      return runReportSchema.parse(JSON.parse(readFileSync(path, 'utf8'))) as RunReport;
    } catch (error) {
      warn(`${path} is no summary of a run: ${messageOf(error).split('\n')[0]}`);
    }
  } else warn(`${folder} has no summary.json: the run was ended before it was over, or goes on`);
  return reportOfJournal(folder);
}

async function readRecording(
  folder: string,
  { kind, folder: root }: ReportInput,
  matcher: Matcher,
  options: ReportOptions,
): Promise<Recording> {
  const info = readCaptureInfo(folder);
  const collector = new Collector();
  await readAll(folder, matcher, options, (event) => {
    const advice = isFinding(event) ? adviceOf(event, matcher) : undefined;
    collector.event(event, advice);
    if (options.onEvent === undefined || (isFinding(event) && !event.final)) return;
    const text = isFinding(event) ? reportText(folder, event) : undefined;
    options.onEvent(placedIn(folder, event), {
      ...(advice !== undefined && { advice }),
      ...(text !== undefined && { raw: text }),
    });
  });
  const collected = collector.collected();
  const files = filesOf(folder);
  options.onRecording?.(
    folder,
    files.reduce((sum, { bytes }) => sum + bytes, 0),
  );
  const findings = collected.incidents.flatMap((incident) => incident.findings.map(({ finding }) => finding));
  const name = kind === 'run' ? folder.slice(root.length).replace(/^\/+/, '') : basename(folder);
  return { ...collected, name, info, excerpts: excerptsOf(folder, findings), files };
}

/** The events that were written live; a recording without them is read again from its streams. */
async function readAll(
  folder: string,
  matcher: Matcher,
  { signal, warn }: ReportOptions,
  onEvent: (event: Event) => void,
): Promise<void> {
  if (!existsSync(join(folder, 'events.ndjson')))
    return replay(folder, { patterns: [], matcher, recordedPace: false, signal, warn, onEvent });
  for await (const event of readEvents(folder, warn)) {
    if (signal.aborted) return;
    onEvent(event);
  }
}

function filesOf(folder: string): { readonly name: string; readonly bytes: number }[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name }) => ({ name, bytes: statSync(join(folder, name)).size }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** A path that leads to the stream, in place of the name of the stream alone. */
function placedIn(folder: string, event: Event): Event {
  const placed = <P extends { readonly stream: string; readonly file?: string | undefined }>(place: P): P => {
    const stream = STREAMS.find((name) => name === place.stream);
    return { ...place, file: place.file ?? join(folder, stream === undefined ? place.stream : streamFile(stream)) };
  };
  const evidence = event.evidence.map(placed);
  return isFinding(event) ? ({ ...event, evidence, source: placed(event.source) } as Finding) : { ...event, evidence };
}
