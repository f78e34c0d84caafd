import * as z from 'zod';
import { CULPRITS, DOMAINS, VERDICTS } from './test-run.ts';

const recovery = z.object({ action: z.string(), verified: z.boolean(), durationMs: z.number() });

const incident = z.object({
  ...{ title: z.string(), classification: z.string(), outcome: z.string() },
  ...{ durationMs: z.number(), beyondBootMs: z.number(), recoveries: z.array(recovery) },
});

const test = z.object({
  ...{ id: z.string(), domain: z.enum(DOMAINS), about: z.string(), verdict: z.enum(VERDICTS) },
  ...{ culprit: z.enum(CULPRITS).optional(), reason: z.string(), attempts: z.number(), durationMs: z.number() },
  ...{ seed: z.number(), guest: z.string().optional(), findings: z.array(z.string()) },
  incidents: z.array(incident),
  figures: z.record(z.string(), z.unknown()),
});

/** `summary.json` of a run, read again (run-report.ts). */
export const runReportSchema = z.object({
  ...{ run: z.string(), tool: z.string(), started: z.string(), durationMs: z.number(), command: z.array(z.string()) },
  ...{ guests: z.array(z.string()), seed: z.number(), tests: z.array(test), planned: z.number() },
  counts: z.record(z.enum(VERDICTS), z.number()),
  ...{ strays: z.array(z.string()), orphans: z.array(z.string()), resumed: z.number() },
  facts: z.record(z.string(), z.string()).exactOptional(),
});
