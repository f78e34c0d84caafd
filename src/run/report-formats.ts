import type { Comparison } from '../model/comparison.ts';
import { incidentKtap } from '../report/incident-ktap.ts';
import { kcidbReport } from '../report/kcidb.ts';
import { lkmlMail } from '../report/lkml.ts';
import { storyPage } from '../report/page.ts';
import { runGithub } from '../report/run-github.ts';
import type { Story } from '../report/story.ts';
import { comparisonMarkdown } from '../sink/comparison-markdown.ts';
import { comparisonText } from '../sink/comparison-text.ts';
import { oneLine } from '../sink/escape.ts';
import { RUN_FORMATS } from '../sink/run-formats.ts';

/** Formats of a report that are written of the whole of it. */
const DOCUMENTS = {
  html: (story: Story) => storyPage(story, { script: true }),
  kcidb: kcidbReport,
  lkml: lkmlMail,
} as const;

export type ReportFormat =
  | 'html'
  | 'text'
  | 'json'
  | 'markdown'
  | 'junit'
  | 'ktap'
  | 'sarif'
  | 'github'
  | 'kcidb'
  | 'lkml'
  | 'pdf';

/** Formats that are made of the events of a recording one by one; of a run of tests the same names say what became of the tests. */
export type EventFormat = 'text' | 'json' | 'markdown' | 'junit' | 'sarif' | 'github';

/** How a format is made of a folder: of its events as they are read, or of all that was read. */
export function eventFormatOf(format: ReportFormat, kind: 'run' | 'recording'): EventFormat | undefined {
  switch (format) {
    case 'sarif':
      return format;
    case 'text':
    case 'json':
    case 'markdown':
    case 'junit':
    case 'github':
      return kind === 'recording' ? format : undefined;
    default:
      return undefined;
  }
}

/** The report as text. `pdf` is printed of what `html` gives. */
export function documentOf(story: Story, format: Exclude<ReportFormat, 'sarif'>): string {
  if (format === 'pdf') return storyPage(story, { script: false });
  if (format in DOCUMENTS) return DOCUMENTS[format as keyof typeof DOCUMENTS](story);
  if (story.run === undefined) return incidentKtap(story);
  if (format === 'github') return runGithub(story.run);
  const text = RUN_FORMATS[format as keyof typeof RUN_FORMATS](story.run);
  return story.comparison === undefined ? text : beside(text, story.comparison, format);
}

/** Formats in which a comparison has a place. */
export const WITH_COMPARISON: ReadonlySet<ReportFormat> = new Set([
  'html',
  'pdf',
  'text',
  'markdown',
  'json',
  'github',
]);

function beside(text: string, comparison: Comparison, format: ReportFormat): string {
  switch (format) {
    case 'text':
      return `${text}\nbeside ${oneLine(comparison.baseline)}:\n\n${comparisonText(comparison, false)}`;
    case 'markdown':
      return `${text}\n${comparisonMarkdown(comparison)}`;
    case 'json':
      return `${JSON.stringify({ ...JSON.parse(text), comparison }, null, 2)}\n`;
    default:
      return text;
  }
}
