import * as z from 'zod';
import { actionSchema } from './classification-schema.ts';
import { GUEST_KINDS } from './guest-kinds.ts';
import { leakSampleSchema, QUIESCE_POINTS } from './leak-sample.ts';
import { recoveryTimes } from './recovery-times.ts';
import { CULPRITS, DOMAINS, VERDICTS } from './test-run.ts';

const detail = z.record(z.string(), z.unknown());

/**
 * What the host did or saw, as lines of the `host` stream. They stand in the capture beside the guest's bytes, so that
 * a replay knows of every boot, fault and recovery at the place where it happened.
 */
export const hostRecordSchema = z.discriminatedUnion('record', [
  z.object({
    record: z.literal('guest'),
    kind: z.enum(GUEST_KINDS),
    detail,
  }),
  z.object({
    record: z.literal('recovery'),
    incident: z.string(),
    action: actionSchema,
    result: z.enum(['ok', 'failed', 'skipped']),
    verified: z.boolean(),
    durationMs: z.number(),
    reason: z.string(),
    checks: z.array(z.string()),
  }),
  // What a machine uses (src/resources/sample.ts).
  z.object({
    record: z.literal('resource'),
    of: z.enum(['host', 'guest']),
    usage: z.record(z.string(), z.number().nullable()),
  }),
  // The module's allocations are watched from here on, or what of them is still there.
  z.object({
    record: z.literal('leaks'),
    point: z.enum(['start', ...QUIESCE_POINTS]),
    module: z.string(),
    sample: leakSampleSchema.optional(),
  }),
  // A test of a stress run begins or has ended; the log has markers of its own (test-marker.ts).
  z.object({
    record: z.literal('test'),
    kind: z.enum(['start', 'end']),
    test: z.string(),
    attempt: z.number().int(),
    domain: z.enum(DOMAINS),
    about: z.string().optional(),
    verdict: z.enum(VERDICTS).optional(),
    culprit: z.enum(CULPRITS).optional(),
    reason: z.string().optional(),
    durationMs: z.number().optional(),
  }),
  // From here on the incident lasts until it is closed, however long its recovery takes.
  z.object({ record: z.literal('recovery-started'), incident: z.string() }),
  z.object({
    record: z.literal('incident-closed'),
    incident: z.string(),
    outcome: z.enum(['recovered', 'not-recovered', 'not-attempted']),
    ...recoveryTimes,
  }),
]);
export type HostRecord = z.infer<typeof hostRecordSchema>;
