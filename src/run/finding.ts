import type { ReportUpdate } from '../grammar/report-reader.ts';
import { identify } from '../identify/identify.ts';
import type { Finding, Match } from '../model/event.ts';
import { KINDS } from '../model/kinds.ts';
import type { Matcher } from '../patterns/match.ts';
import type { EventBody } from './emitter.ts';

/** What a pipeline adds to the identity of a report. */
export interface FindingContext {
  readonly id: string;
  readonly incident: string;
  readonly related: readonly string[];
  readonly flight?: Readonly<Record<string, unknown>>;
}

export type FindingBody = Extract<EventBody, { event: Finding['event'] }>;

/** A report becomes a finding: identity, place, and the patterns that know it. */
export function toFinding(update: ReportUpdate, matcher: Matcher, context: FindingContext): FindingBody {
  const { report, final } = update;
  const identity = identify(report);
  const row = KINDS[identity.kind];
  const first = report.lines[0]?.place;
  const last = report.lines.at(-1)?.place ?? first;
  const file = report.file === undefined ? {} : { file: report.file };
  const line = first?.line ?? 1;
  const endLine = last?.line ?? line;
  const body = {
    id: context.id,
    event: row.event,
    kind: identity.kind,
    evidence: [
      {
        stream: report.stream,
        ...file,
        byte: first?.byte ?? 0,
        endByte: last?.endByte ?? 0,
        line,
        endLine,
        role: 'report',
      },
    ],
    source: { stream: report.stream, ...file, line, endLine },
    incident: context.incident,
    final,
    title: identity.title,
    altTitles: [...identity.altTitles],
    type: identity.type,
    frame: identity.frame,
    guiltyFile: identity.guiltyFile,
    corrupted: identity.corrupted,
    corruptedReason: identity.corruptedReason,
    panicked: identity.panicked,
    fingerprint: identity.fingerprint,
    fingerprintInputs: [...identity.fingerprintInputs],
    context: identity.context,
    stacks: identity.stacks.map(({ role, frames }) => ({ role, frames: [...frames] })),
    details: { ...identity.details },
    related: [...context.related],
    severity: row.severity,
    ...(context.flight !== undefined && { flight: context.flight }),
  };
  const text = report.lines.map(({ text }) => text).join('\n');
  const matches = matcher.match(body as unknown as Finding, text);
  const best: Match = matches[0] ?? {
    pattern: `kind:${identity.kind}`,
    confidence: 0.5,
    classification: row.classification,
    severity: row.severity,
    actions: [],
    explain: 'no pattern; the default of the kind',
  };
  return { ...body, severity: best.severity, matches: matches.length > 0 ? matches : [best] };
}
