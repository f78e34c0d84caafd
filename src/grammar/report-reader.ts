import { PROFILES, type ProfileName } from './profiles.ts';
import type { ReportReader } from './report-update.ts';
import { StreamReader } from './stream-reader.ts';
import { WholeLogReader } from './whole-log-reader.ts';

export type { ReportReader, ReportUpdate } from './report-update.ts';

export interface ReaderOptions {
  readonly profile?: ProfileName;
  /** False: reports are told once, when they are complete. */
  readonly provisional?: boolean;
}

/** Reads reports out of the lines of one stream. State is bounded: open contexts, lines of a report, a few lines of look-back. */
export function createReportReader({
  profile: name = 'default',
  provisional = true,
}: ReaderOptions = {}): ReportReader {
  const profile = PROFILES[name];
  return profile.ends ? new StreamReader(profile, provisional) : new WholeLogReader(profile, provisional);
}
