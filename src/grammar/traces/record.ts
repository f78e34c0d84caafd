import type { GraphRecord } from '../ftrace/graph.ts';
import type { HistogramEntry, HistogramTotals } from '../ftrace/histogram.ts';
import type { FtraceRecord } from '../ftrace/record.ts';
import type { StackDepthRecord } from '../ftrace/stack-depth.ts';
import type { LockClassRecord } from '../lock-stat/lock-stat.ts';
import type { ContentionRecord } from '../perf/lock-table.ts';

/** All that the text of a trace can hold. */
export type TraceRecord =
  | FtraceRecord
  | GraphRecord
  | HistogramEntry
  | HistogramTotals
  | StackDepthRecord
  | LockClassRecord
  | ContentionRecord;
