import * as z from 'zod';
import { alertFileSchema } from '../alert/rule-schema.ts';
import { configJsonSchema } from '../generate/config-json-schema.ts';
import { captureSchema } from '../model/capture.ts';
import { eventSchema } from '../model/event-schema.ts';
import { runReportSchema } from '../model/run-report-schema.ts';
import { patternJsonSchema } from '../patterns/json-schema.ts';

/** What `analyze --format json` writes. */
const reportSchema = z.object({
  schema: z.literal('vexfs-trace/report/1'),
  tool: z.object({ name: z.literal('vexfs-trace'), version: z.string() }),
  events: z.array(eventSchema).describe('final findings and what else was seen, in order'),
  inputs: z.array(z.record(z.string(), z.unknown())).describe('the logs that were read'),
  summary: z.record(z.string(), z.unknown()),
});

const made = (schema: z.ZodType, title: string) => () => ({
  ...z.toJSONSchema(schema, { io: 'input', reused: 'ref' }),
  title,
});

/** JSON Schemas of what the program reads and writes. */
export const JSON_SCHEMAS = {
  event: made(eventSchema, 'An event of vexfs-trace, one a line'),
  config: configJsonSchema,
  pattern: () => JSON.parse(patternJsonSchema()) as object,
  alerts: made(alertFileSchema, 'A file of alert rules'),
  report: made(reportSchema, 'What vexfs-trace analyze --format json writes'),
  run: made(runReportSchema, 'summary.json of a run of tests'),
  capture: made(captureSchema, 'capture.json of a recording'),
} as const satisfies Readonly<Record<string, () => object>>;
