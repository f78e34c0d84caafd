import { toJson } from '../base/text.ts';
import { asColumn, orNull, wholeOrNull } from './columns.ts';
import type { AttemptRow } from './tables.ts';

/** What is asked of an entry of the journal of a run of tests; all of it is kept. */
export interface AttemptEntry {
  readonly id: string;
  readonly test: string;
  readonly domain: string;
  readonly attempt: number;
  readonly final: boolean;
  readonly verdict: string;
  readonly culprit?: string | undefined;
  readonly reason: string;
  readonly guest?: string | undefined;
  readonly durationMs: number;
}

const MAX_REASON = 4000;

export function attemptRow(run: string, entry: AttemptEntry): AttemptRow {
  return {
    ...{ run, id: asColumn(entry.id), attempt: wholeOrNull(entry.attempt) ?? 0, test: asColumn(entry.test) },
    ...{ domain: asColumn(entry.domain), final: Number(entry.final), verdict: asColumn(entry.verdict) },
    ...{ culprit: orNull(entry.culprit), reason: asColumn(entry.reason, MAX_REASON), lane: orNull(entry.guest) },
    ...{ duration_ms: entry.durationMs, body: toJson(entry) },
  };
}
