import { toJson } from '../base/text.ts';
import { type Event, type EventOf, isFinding } from '../model/event.ts';
import { asColumn, orNull, wholeOrNull } from './columns.ts';
import type { EventRow, IncidentRow, MetricRow, RecoveryRow, TestRow } from './tables.ts';

/** An event as the rows that it comes to. */
export interface EventRows {
  readonly event: EventRow;
  readonly test?: TestRow;
  readonly incident?: IncidentRow;
  readonly recovery?: RecoveryRow;
  readonly metrics: readonly MetricRow[];
}

/** Reasons of tests and recoveries are for people to read; the whole is in the event. */
const MAX_REASON = 4000;
/** Numbers that are taken out of one metric event, and how deep. */
const MAX_SAMPLES = 500;
const MAX_DEPTH = 6;

/** Rows of an event of run `run`. `body`: its JSON, where it is there already. */
export function rowsOf(event: Event, run: string, body = toJson(event)): EventRows {
  const { seq, time, test } = event;
  const finding = isFinding(event);
  const titled = finding || event.event === 'incident';
  const row: EventRow = {
    ...{ run, seq, id: asColumn(event.id), event: event.event, kind: asColumn(event.kind) },
    ...{ test: orNull(test), boot: wholeOrNull(event.boot), incident: orNull(event.incident) },
    ...{ severity: titled ? event.severity : null, title: titled ? asColumn(event.title) : null },
    ...{ fingerprint: finding ? asColumn(event.fingerprint) : null, final: finding ? Number(event.final) : null },
    ...{ observed: wholeOrNull(time.observed), wall: orNull(time.wall, 40), body },
  };
  return {
    event: row,
    metrics: event.event === 'metric' ? metricsOf(event, run) : [],
    ...(event.event === 'test' && event.kind === 'end' && { test: testOf(event, run) }),
    ...(event.event === 'incident' && { incident: incidentOf(event, row) }),
    ...(event.event === 'recovery' && { recovery: recoveryOf(event, row) }),
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

/** Every number of the values, with the names on the way to it: `{ read: { p99: 3 } }` is `read.p99`, a member of a list its place. */
function metricsOf({ kind, name, values, seq, time }: EventOf<'metric'>, run: string): MetricRow[] {
  const rows: MetricRow[] = [];
  const t = time.observed === undefined ? null : time.observed / 1e9;
  const walk = (value: unknown, label: string, depth: number) => {
    if (rows.length >= MAX_SAMPLES) return;
    if (typeof value === 'number' && Number.isFinite(value)) {
      const n = rows.length;
      rows.push({ run, seq, n, kind: asColumn(kind), name: asColumn(name), label: asColumn(label), t, value });
    } else if (typeof value === 'object' && value !== null && depth < MAX_DEPTH) {
      for (const [key, each] of Object.entries(value)) walk(each, label === '' ? key : `${label}.${key}`, depth + 1);
    }
  };
  walk(values, '', 0);
  return rows;
}
