import { openChromeTrace } from './chrome-trace.ts';
import { openFolded } from './folded.ts';
import { openSpeedscope } from './speedscope.ts';
import type { ExportFormat, TimelineSink, TimelineSurface } from './timeline-sink.ts';

export const TIMELINE_SINKS: Readonly<Record<ExportFormat, (surface: TimelineSurface) => TimelineSink>> = {
  chrome: openChromeTrace,
  folded: openFolded,
  speedscope: openSpeedscope,
};
