import type { z } from 'zod';
import type { Frozen } from '../base/frozen.ts';
import type { incidentEntrySchema, runReportSchema, testRowSchema } from './run-report-schema.ts';

/** The schemas stand apart, so that what only passes reports on need not load them. */
export type IncidentEntry = Frozen<z.infer<typeof incidentEntrySchema>>;
export type TestRow = Frozen<z.infer<typeof testRowSchema>>;
export type RunReport = Frozen<z.infer<typeof runReportSchema>>;
