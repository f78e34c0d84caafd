import { LineSplitter } from '../base/lines.ts';
import type { ParsedReport } from '../model/report.ts';
import { readLogLine } from './log-line.ts';
import { PROFILES, type ProfileName } from './profiles.ts';
import { createReportReader, type ReportUpdate } from './report-reader.ts';

/** Everything the reader says about a log, for tests: bytes go in in the given pieces. */
export function readLog(
  log: string | Uint8Array,
  profile: ProfileName = 'default',
  cuts: readonly number[] = [],
): ReportUpdate[] {
  const bytes = typeof log === 'string' ? Buffer.from(log) : log;
  const reader = createReportReader({ profile });
  const splitter = new LineSplitter();
  const updates: ReportUpdate[] = [];
  const emit = (raw: Parameters<typeof readLogLine>[0]): void => {
    updates.push(...reader.push(readLogLine(raw, 'console', { forms: PROFILES[profile].forms })));
  };
  let from = 0;
  for (const cut of [...cuts].sort((a, b) => a - b)) {
    const to = Math.min(cut, bytes.length);
    splitter.push(bytes.subarray(from, to), emit);
    from = to;
  }
  splitter.push(bytes.subarray(from), emit);
  splitter.flush(emit);
  return [...updates, ...reader.flush()];
}

export function finalReports(log: string | Uint8Array, profile: ProfileName = 'default'): ParsedReport[] {
  return readLog(log, profile)
    .filter((update) => update.final)
    .map((update) => update.report);
}

/** Stamps lines as printk does, a millisecond apart. */
export function stamped(text: string, from = 10, caller = ''): string {
  const lines = text.split('\n').filter((line) => line !== '');
  return lines.map((line, i) => `[${(from + i / 1000).toFixed(6).padStart(12)}]${caller} ${line}\n`).join('');
}
