import { identify } from '../identify/identify.ts';
import type { Finding, Match } from '../model/event.ts';
import { KINDS } from '../model/kinds.ts';
import type { ParsedReport } from '../model/report.ts';
import type { Matcher } from '../patterns/match.ts';
import type { EventBody } from './emitter.ts';

export type FindingBody = Extract<EventBody, { event: Finding['event'] }>;
/** A finding before the pipeline has given it its place, incident and matches. */
export type FindingDraft = Omit<FindingBody, 'id' | 'incident' | 'related' | 'matches' | 'flight'>;

/** What the pipeline adds to a draft. */
export interface FindingContext {
  readonly id: string;
  readonly incident: string;
  readonly related: readonly string[];
  readonly flight?: Readonly<Record<string, unknown>>;
}

/** A kernel report as a finding: its identity and where it stands. */
export function reportFinding(report: ParsedReport, final: boolean): FindingDraft {
  const { kind, stacks, context, details, altTitles, fingerprintInputs, ...identity } = identify(report);
  const row = KINDS[kind];
  const first = report.lines[0]?.place;
  const last = report.lines.at(-1)?.place ?? first;
  const where = { stream: report.stream, ...(report.file !== undefined && { file: report.file }) };
  const line = first?.line ?? 1;
  const endLine = last?.line ?? line;
  return {
    event: row.event,
    kind,
    evidence: [{ ...where, byte: first?.byte ?? 0, endByte: last?.endByte ?? 0, line, endLine, role: 'report' }],
    source: { ...where, line, endLine },
    severity: row.severity,
    final,
    ...identity,
    altTitles: [...altTitles],
    fingerprintInputs: [...fingerprintInputs],
    context,
    stacks: stacks.map(({ role, frames }) => ({ role, frames: [...frames] })),
    details: { ...details },
  };
}

/** Adds what the patterns know; without one the kind's own row speaks, so that no finding waits for a pattern. */
export function completeFinding(
  draft: FindingDraft,
  context: FindingContext,
  matcher: Matcher,
  text?: string,
): FindingBody {
  const { id, incident, related, flight } = context;
  const body = { id, ...draft, incident, related: [...related], ...(flight !== undefined && { flight }) };
  const matches = matcher.match(body as unknown as Omit<Finding, 'matches'>, text);
  const best = matches[0] ?? byKind(draft.kind as keyof typeof KINDS);
  return { ...body, severity: best.severity, matches: matches.length > 0 ? matches : [best] };
}

function byKind(kind: keyof typeof KINDS): Match {
  const { classification, severity } = KINDS[kind];
  return {
    pattern: `kind:${kind}`,
    confidence: 0.5,
    classification,
    severity,
    actions: [],
    explain: 'no pattern; the default of the kind',
  };
}
