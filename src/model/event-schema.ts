import * as z from 'zod';
import { actionSchema, classificationSchema, severitySchema } from './classification-schema.ts';
import { GUEST_KINDS } from './guest-kinds.ts';
import { recoveryTimes } from './recovery-times.ts';
import { stackSchema } from './stack.ts';
import { CULPRITS, DOMAINS, VERDICTS } from './test-run.ts';

export const timeSchema = z.object({
  kernel: z.number().optional().describe('seconds as the kernel printed them'),
  clock: z.enum(['local', 'global', 'mono', 'boot']).optional(),
  observed: z.number().int().optional().describe('host nanoseconds since the start of the run'),
  wall: z.string().optional().describe('ISO 8601'),
  uncertainty: z.number().optional().describe('seconds'),
});

export const evidenceSchema = z.object({
  stream: z.string(),
  file: z.string().optional(),
  byte: z.number().int().describe('offset of the first byte in the raw stream'),
  endByte: z.number().int(),
  line: z.number().int().optional().describe('1-based'),
  endLine: z.number().int().optional(),
  role: z.string().optional(),
});

export const matchSchema = z.object({
  pattern: z.string(),
  confidence: z.number().min(0).max(1),
  classification: classificationSchema,
  severity: severitySchema,
  actions: z.array(actionSchema),
  explain: z.string(),
});

const base = {
  schema: z.literal('vexfs-trace/event/1'),
  id: z.string().describe('ULID'),
  seq: z.number().int().describe('order within the run'),
  time: timeSchema,
  evidence: z.array(evidenceSchema),
  run: z.string().optional(),
  guest: z.string().optional(),
  boot: z.number().int().optional().describe('grows at every boot, reset and snapshot restore'),
  test: z.string().optional(),
  incident: z.string().optional(),
};

export const contextSchema = z.object({
  cpu: z.number().int().optional(),
  pid: z.number().int().optional(),
  comm: z.string().optional(),
  taint: z.string().optional(),
  kernel: z.string().optional(),
  hardware: z.string().optional(),
  module: z.string().optional(),
});

export const findingSchema = z.object({
  ...base,
  event: z.enum(['crash', 'race', 'lock', 'leak']),
  kind: z.string(),
  source: z.object({
    stream: z.string(),
    file: z.string().optional(),
    line: z.number().int(),
    endLine: z.number().int(),
  }),
  severity: severitySchema,
  final: z.boolean(),
  title: z.string(),
  altTitles: z.array(z.string()),
  type: z.string(),
  frame: z.string(),
  guiltyFile: z.string(),
  corrupted: z.boolean(),
  corruptedReason: z.string(),
  panicked: z.boolean(),
  fingerprint: z.string(),
  fingerprintInputs: z.array(z.string()),
  context: contextSchema,
  stacks: z.array(stackSchema),
  /** What the report says beyond the above: access kind, address, size, held locks, … by kind. */
  details: z.record(z.string(), z.unknown()),
  matches: z.array(matchSchema),
  related: z.array(z.string()),
  flight: z.record(z.string(), z.unknown()).optional(),
});

const otherEvents = {
  incident: z.object({
    ...base,
    event: z.literal('incident'),
    kind: z.enum(['opened', 'updated', 'closed']),
    cause: z.string().describe('id of the first finding'),
    title: z.string(),
    members: z.array(z.string()),
    classification: classificationSchema,
    severity: severitySchema,
    outcome: z.enum(['open', 'recovered', 'not-recovered', 'not-attempted']),
    ...recoveryTimes,
  }),
  gap: z.object({
    ...base,
    event: z.literal('gap'),
    kind: z.enum(['printk-dropped', 'ftrace-lost', 'bpftrace-lost', 'stream-lost', 'line-cut']),
    stream: z.string(),
    cpu: z.number().int().optional(),
    lost: z.number().nullable(),
    unit: z.string(),
    from: z.number().nullable(),
    to: z.number().nullable(),
  }),
  guest: z.object({
    ...base,
    event: z.literal('guest'),
    kind: z.enum(GUEST_KINDS),
    detail: z.record(z.string(), z.unknown()),
  }),
  recovery: z.object({
    ...base,
    event: z.literal('recovery'),
    kind: actionSchema,
    result: z.enum(['ok', 'failed', 'skipped']),
    verified: z.boolean(),
    durationMs: z.number(),
    reason: z.string(),
    checks: z.array(z.string()).describe('what the health check saw'),
  }),
  metric: z.object({
    ...base,
    event: z.literal('metric'),
    kind: z.string(),
    name: z.string(),
    values: z.unknown(),
  }),
  trace: z.object({
    ...base,
    event: z.literal('trace'),
    kind: z.string(),
    record: z.record(z.string(), z.unknown()),
  }),
  test: z.object({
    ...base,
    event: z.literal('test'),
    kind: z.enum(['start', 'end']),
    attempt: z.number().int().optional().describe('1-based'),
    domain: z.enum(DOMAINS).optional(),
    about: z.string().optional(),
    verdict: z.enum(VERDICTS).optional().describe('of an end'),
    culprit: z.enum(CULPRITS).optional(),
    reason: z.string().optional(),
    durationMs: z.number().optional(),
  }),
};

/** One event of the contract: an object a line in NDJSON. */
export const eventSchema = z.discriminatedUnion('event', [
  findingSchema,
  otherEvents.incident,
  otherEvents.gap,
  otherEvents.guest,
  otherEvents.recovery,
  otherEvents.metric,
  otherEvents.trace,
  otherEvents.test,
]);
