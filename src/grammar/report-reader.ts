import { PROFILES, type ProfileName } from './profiles.ts';
import type { ReportReader } from './report-update.ts';
import { StreamReader } from './stream-reader.ts';
import { WholeLogReader } from './whole-log-reader.ts';

export type { ReportReader, ReportUpdate } from './report-update.ts';

/** Reads reports out of the lines of one stream. State is bounded: open contexts, lines of a report, a few lines of look-back. */
export function createReportReader(options: { readonly profile?: ProfileName } = {}): ReportReader {
  const profile = PROFILES[options.profile ?? 'default'];
  return profile.ends ? new StreamReader(profile) : new WholeLogReader(profile);
}
