import type { Chunk } from '../model/chunk.ts';
import type { Event, Match } from '../model/event.ts';
import type { Matcher } from '../patterns/match.ts';
import type { Moment } from '../patterns/sequence.ts';
import type { OtherEvent, Unmatched } from '../patterns/subject.ts';
import { createHostReader } from './host-stream.ts';
import { Pipeline } from './pipeline.ts';

/** What the pipeline showed to the patterns, in order, so that it can be shown to others without reading the log again. */
export type RecordedStep =
  | { readonly kind: 'finding'; readonly finding: Unmatched; readonly text: string; readonly at: Moment }
  | { readonly kind: 'other'; readonly event: OtherEvent; readonly at: Moment }
  | { readonly kind: 'boundary' };

/** A matcher that matches nothing and keeps what it is shown. */
export function createRecorder(keep: (step: RecordedStep) => void): Matcher {
  return {
    patterns: [],
    pattern: () => undefined,
    match: () => [],
    weight: () => 0,
    // Records of traces are many, and the analyses have seen them.
    watches: (event: Event['event']) => event !== 'trace',
    begin: () => ({
      finding(finding, text = '', at) {
        // Which lines a report has depends on its end; what is provisional comes again.
        if (finding.final) keep({ kind: 'finding', finding, text, at });
        return [];
      },
      other(event, at) {
        keep({ kind: 'other', event, at });
        return [];
      },
      boundary: () => keep({ kind: 'boundary' }),
    }),
  };
}

/** Reads a whole log, or the streams of a recording, as `analyze` does; the profile is that of `analyze --profile`. */
export function recordLog(
  streams: readonly Pick<Chunk, 'stream' | 'bytes'>[],
  file = 'log',
  profile: 'default' | 'syzkaller' = 'default',
): RecordedStep[] {
  const steps: RecordedStep[] = [];
  const pipeline = new Pipeline({
    ...{ run: 'recorded', startWall: 0, live: false, file, profile },
    ...(streams.some(({ stream }) => stream === 'host') && { hostReader: createHostReader }),
    matcher: createRecorder((step) => steps.push(step)),
    sink: () => {},
    warn: () => {},
  });
  for (const { stream, bytes } of streams) pipeline.push({ stream, observed: 0, bytes });
  pipeline.end();
  return steps;
}

/** What patterns make of an event. */
export interface Matched {
  readonly step: Exclude<RecordedStep, { kind: 'boundary' }>;
  /** Best first; for what is no finding, what it raises. */
  readonly matches: readonly Match[];
}

export function matchRecorded(steps: readonly RecordedStep[], matcher: Matcher): Matched[] {
  const run = matcher.begin();
  return steps.flatMap((step): Matched[] => {
    if (step.kind === 'boundary') {
      run.boundary();
      return [];
    }
    const matches =
      step.kind === 'finding'
        ? run.finding(step.finding, step.text, step.at)
        : run.other(step.event, step.at).map(({ match }) => match);
    return [{ step, matches }];
  });
}
