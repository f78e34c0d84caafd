import { identify } from '../identify/identify.ts';
import type { Evidence, Finding, Match } from '../model/event.ts';
import { KINDS } from '../model/kinds.ts';
import type { ParsedReport } from '../model/report.ts';
import type { Unmatched } from '../patterns/subject.ts';
import type { EventBody } from './emitter.ts';
import { unknownMatch } from './known-crashes.ts';

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
  const evidence = placesOf(report);
  const { stream, file, line = 1, endLine = line } = evidence[0];
  return {
    event: row.event,
    kind,
    evidence,
    source: { stream, ...(file !== undefined && { file }), line, endLine },
    severity: row.severity,
    final,
    ...identity,
    altTitles: [...altTitles],
    fingerprintInputs: [...fingerprintInputs],
    context,
    stacks: stacks.map(({ frames, ...stack }) => ({ ...stack, frames: [...frames] })),
    details: { ...details },
  };
}

/** Where the lines of a report stand: one stretch, but for a log that was put together from parts (pstore). */
function placesOf({ stream, lines }: ParsedReport): [Evidence, ...Evidence[]] {
  const places: { -readonly [K in keyof Evidence]: Evidence[K] }[] = [];
  let byte = 0;
  for (const { place } of lines) {
    const last = places.at(-1);
    if (last !== undefined && last.file === place.file && place.byte >= byte) {
      last.endByte = place.endByte;
      last.endLine = place.line;
    } else {
      const where = { stream, ...(place.file !== undefined && { file: place.file }) };
      places.push({
        ...where,
        byte: place.byte,
        endByte: place.endByte,
        line: place.line,
        endLine: place.line,
        role: 'report',
      });
    }
    byte = place.byte;
  }
  const [first = { stream, byte: 0, endByte: 0, line: 1, endLine: 1, role: 'report' }, ...others] = places;
  return [first, ...others];
}

/** Adds what the patterns know; without one the nearest known crashes or the kind's own row speak, so that no finding waits for a pattern. */
export function completeFinding(
  draft: FindingDraft,
  context: FindingContext,
  match: (finding: Unmatched) => readonly Match[],
): FindingBody {
  const { id, incident, related, flight } = context;
  const body = { id, ...draft, incident, related: [...related], ...(flight !== undefined && { flight }) };
  const matches = match(body as unknown as Unmatched);
  const best = matches[0] ?? unknownMatch()(body as unknown as Unmatched);
  return { ...body, severity: best.severity, matches: matches.length > 0 ? [...matches] : [best] };
}
