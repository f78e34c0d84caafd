import type { TimelineItem } from '../model/timeline.ts';

export const EXPORT_FORMATS = ['chrome', 'folded', 'speedscope'] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

export interface TimelineSurface {
  readonly write: (text: string) => void;
  /** Something that the format cannot say, or has no room for. */
  readonly warn: (message: string) => void;
  /** What the trace is called, and by what version of the tool it was written. */
  readonly name: string;
  readonly version: string;
}

/** A format of timelines: items in, text out. */
export interface TimelineSink {
  item(item: TimelineItem): void;
  close(): void;
}
