import type { RunReport } from '../model/run-report.ts';
import { runJunit } from './run-junit.ts';
import { runKtap } from './run-ktap.ts';
import { runMarkdown } from './run-markdown.ts';
import { runText } from './run-text.ts';

/** What a run of tests can be written as, once it is over. */
export const RUN_FORMATS = {
  text: (report) => runText(report, false),
  json: (report) => `${JSON.stringify(report, null, 2)}\n`,
  junit: runJunit,
  ktap: runKtap,
  markdown: runMarkdown,
} as const satisfies Readonly<Record<string, (report: RunReport) => string>>;
export type RunFormat = keyof typeof RUN_FORMATS;
