import * as z from 'zod';
import { contextSchema } from '../model/event-schema.ts';
import { KIND_NAMES } from '../model/kinds.ts';
import { eventNameSchema, FINDING_EVENTS, kindSchema, text } from './condition-schema.ts';

/** Excerpts that a pattern must, or must not, match: text of a log, a fixture, or events that no log tells. */
const sampleEventShape = {
  frame: text.optional(),
  context: contextSchema.optional(),
  details: z.record(z.string(), z.unknown()).optional(),
};
const findingSampleSchema = z.strictObject({
  event: z.enum(FINDING_EVENTS),
  kind: z.enum(KIND_NAMES as [string, ...string[]]),
  title: text,
  ...sampleEventShape,
});
export type FindingSample = z.infer<typeof findingSampleSchema>;

const eventSampleSchema = z.strictObject({
  at: z.number().min(0).optional().describe('seconds; when absent, right after the one before'),
  event: eventNameSchema,
  kind: kindSchema.optional(),
  name: text.optional().describe('of a trace event or a metric'),
  title: text.optional(),
  incident: text.optional().describe('any word: events with the same one are of one incident'),
  ...sampleEventShape,
});
export type EventSample = z.infer<typeof eventSampleSchema>;

export const sampleSchema = z
  .strictObject({
    text: z.string().min(1).max(16_384).optional(),
    fixture: z
      .string()
      .regex(/^(?!.*(^|\/)\.\.?(\/|$))[^/\\][^\\]*$/, 'a path below fixtures/, without . and ..')
      .optional(),
    lines: z
      .string()
      .regex(/^\d+-\d+$/, 'written "10-42"')
      .optional(),
    finding: findingSampleSchema.optional().describe('what an analysis of traces yields; no log holds its text'),
    events: z.array(eventSampleSchema).min(1).max(1100).optional().describe('what a sequence is made of, in order'),
    recorded: text.optional().describe('kernel and circumstances of a recording'),
    constructed: text.optional().describe('kernel source file whose format the text follows'),
  })
  .refine(
    ({ text, fixture, finding, events }) =>
      [text, fixture, finding, events].filter((one) => one !== undefined).length === 1,
    'needs one of text, fixture, finding and events',
  )
  .refine(
    (sample) => sample.fixture !== undefined || (sample.recorded === undefined) !== (sample.constructed === undefined),
    'says where its text comes from: `recorded: kernel, how` or `constructed: path/of/kernel-source.c`',
  );

/** Every key of a sample, for "did you mean". */
export const SAMPLE_KEYS: readonly string[] = [
  ...Object.keys(sampleSchema.shape),
  ...Object.keys(eventSampleSchema.shape),
];
