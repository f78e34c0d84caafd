import { createHash } from 'node:crypto';
import { EVENT_SCHEMA, type Finding } from '../model/event.ts';
import { FINDINGS } from '../patterns/gate.ts';
import type { Sample } from '../patterns/pattern.ts';
import type { EventSample } from '../patterns/sample-schema.ts';
import type { Unmatched } from '../patterns/subject.ts';
import { type RecordedStep, recordLog } from './recorded-log.ts';

const read = new Map<string, readonly RecordedStep[]>();

/** A sample of a pattern as the pipeline would show it. Excerpts are read once: many patterns have those of others as counter-samples. */
export function recordSample({ text, finding, events, origin }: Sample): readonly RecordedStep[] {
  if (finding !== undefined) return [findingStep(finding, 0)];
  if (events !== undefined) return eventSteps(events);
  const stream = TRACES.test(origin) ? 'ftrace' : HOST.test(origin) ? 'host' : 'file';
  const key = createHash('sha256').update(stream).update(text).digest('hex');
  const known = read.get(key) ?? recordLog([{ stream, bytes: Buffer.from(text) }]);
  read.set(key, known);
  return known;
}

/** Fixtures that are output of ftrace, not logs. */
const TRACES = /^ftrace\/|^guests\/.*\.ftrace$/;

/** What the host noted of a guest. */
const HOST = /^guests\/.*\.host$/;

function eventSteps(events: readonly EventSample[]): RecordedStep[] {
  let seconds = 0;
  return events.map((sample): RecordedStep => {
    seconds = sample.at ?? seconds;
    const { event, kind = '', name, incident, context = {}, details = {} } = sample;
    if (FINDINGS.has(event)) return findingStep(sample, seconds);
    const other = { event: event as 'trace', kind, ...(name && { name }), incident, context, details };
    return { kind: 'other', event: other, at: { seconds, incident } };
  });
}

/** The members that a matcher asks for, with the defaults of a finding that is not from a log. */
function findingStep(sample: EventSample, seconds: number): RecordedStep {
  const { event, kind = '', title = '', frame = '', incident, context = {}, details = {} } = sample;
  const finding: Unmatched = {
    schema: EVENT_SCHEMA,
    id: '',
    seq: 0,
    time: {},
    evidence: [],
    source: { stream: 'ftrace', line: 1, endLine: 1 },
    severity: 'info',
    final: true,
    altTitles: [],
    type: '',
    guiltyFile: '',
    corrupted: false,
    corruptedReason: '',
    panicked: false,
    fingerprint: '',
    fingerprintInputs: [],
    stacks: [],
    related: [],
    ...{ event: event as Finding['event'], kind, title, frame, context, details },
  };
  return { kind: 'finding', finding, text: '', at: { seconds, incident } };
}
