import * as z from 'zod';
import { CULPRITS, DOMAINS, VERDICTS } from './test-run.ts';

export const recoveryEntrySchema = z.object({
  action: z.string(),
  result: z.string(),
  verified: z.boolean(),
  durationMs: z.number(),
});

/** What broke, and how it was mended. */
export const incidentEntrySchema = z.object({
  title: z.string(),
  classification: z.string(),
  outcome: z.string(),
  durationMs: z.number().describe('from its opening to its end'),
  beyondBootMs: z.number().describe('without the time in which a guest booted or was restored'),
  recoveries: z.array(recoveryEntrySchema),
});

/** What became of a test of a run, in the end. */
export const testRowSchema = z.object({
  id: z.string(),
  domain: z.enum(DOMAINS),
  about: z.string(),
  verdict: z.enum(VERDICTS),
  culprit: z.enum(CULPRITS).optional(),
  reason: z.string(),
  attempts: z.number(),
  durationMs: z.number(),
  seed: z.number(),
  guest: z.string().optional(),
  fault: z.string().optional().describe('what was put in on purpose'),
  findings: z.array(z.string()).describe('titles, those of what was put in on purpose among them'),
  unexpected: z.array(z.string()).describe('titles of what nobody put in'),
  incidents: z.array(incidentEntrySchema),
  figures: z.record(z.string(), z.unknown()),
});

/** A run of tests, for people and for programs: what every format of it says, and `summary.json` holds. */
export const runReportSchema = z.object({
  run: z.string(),
  tool: z.string(),
  started: z.string().describe('ISO 8601'),
  durationMs: z.number(),
  command: z.array(z.string()).describe('the command that does it again'),
  guests: z.array(z.string()),
  seed: z.number(),
  tests: z.array(testRowSchema).describe('in the order of the plan; a test that an interruption left out is missing'),
  planned: z.number(),
  counts: z.record(z.enum(VERDICTS), z.number()),
  strays: z.array(z.string()).describe('findings that came between tests'),
  orphans: z.array(z.string()).describe('processes and folders of guests that were still there at the end'),
  resumed: z.number().describe('how often the run was taken up again'),
  facts: z
    .record(z.string(), z.string())
    .optional()
    .describe('what it ran on and with, by name; absent in what older versions wrote'),
});
