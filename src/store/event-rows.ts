import { crc32 } from 'node:zlib';
import { toJson } from '../base/text.ts';
import { type Event, type EventOf, isFinding } from '../model/event.ts';
import { asColumn, orNull, wholeOrNull } from './columns.ts';
import type { EventRow, IncidentRow, RecoveryRow, TestRow } from './tables.ts';

/** An event as the rows that it comes to. */
export interface EventRows {
  readonly event: EventRow;
  readonly test?: TestRow;
  readonly incident?: IncidentRow;
  readonly recovery?: RecoveryRow;
}

/** Reasons of tests and recoveries are for people to read; the whole is in the event. */
const MAX_REASON = 4000;
const MAX_TIME = 40;

/** Rows of an event of run `run`. `body`: its JSON, where it is there already. */
export function rowsOf(event: Event, run: string, body = toJson(event)): EventRows {
  const row = eventRow(event, run, body);
  if (event.event === 'test' && event.kind === 'end') return { event: row, test: testOf(event, run) };
  if (event.event === 'incident') return { event: row, incident: incidentOf(event, row) };
  if (event.event === 'recovery') return { event: row, recovery: recoveryOf(event, row) };
  return { event: row };
}

/** Every event of every run comes by here: a literal is made several times as fast as one that is spread together. */
function eventRow(event: Event, run: string, body: string): EventRow {
  const finding = isFinding(event);
  const titled = finding || event.event === 'incident';
  return {
    run,
    seq: event.seq,
    id: asColumn(event.id),
    event: event.event,
    kind: asColumn(event.kind),
    test: orNull(event.test),
    boot: wholeOrNull(event.boot),
    incident: orNull(event.incident),
    severity: titled ? event.severity : null,
    title: titled ? asColumn(event.title) : null,
    fingerprint: finding ? asColumn(event.fingerprint) : null,
    final: finding ? Number(event.final) : null,
    observed: wholeOrNull(event.time.observed),
    wall: orNull(event.time.wall, MAX_TIME),
    body,
    crc: crc32(body),
  };
}

function testOf(event: EventOf<'test'>, run: string): TestRow {
  return {
    ...{ run, seq: event.seq, test: asColumn(event.test ?? ''), attempt: wholeOrNull(event.attempt) },
    ...{ domain: event.domain ?? null, verdict: event.verdict ?? null, culprit: event.culprit ?? null },
    ...{ reason: orNull(event.reason, MAX_REASON), duration_ms: event.durationMs ?? null },
  };
}

function incidentOf(event: EventOf<'incident'>, { run, seq, test, wall, incident }: EventRow): IncidentRow {
  return {
    ...{ run, incident: incident ?? asColumn(event.id), cause: asColumn(event.cause), title: asColumn(event.title) },
    ...{ classification: event.classification, severity: event.severity, outcome: event.outcome, test, last_seq: seq },
    ...{ opened: event.kind === 'opened' ? wall : null, closed: event.kind === 'closed' ? wall : null },
  };
}

function recoveryOf(event: EventOf<'recovery'>, { run, seq, incident, test }: EventRow): RecoveryRow {
  return {
    ...{ run, seq, incident, test, action: event.kind, result: event.result, verified: Number(event.verified) },
    ...{ duration_ms: event.durationMs, reason: asColumn(event.reason, MAX_REASON) },
  };
}
