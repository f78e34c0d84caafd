import * as z from 'zod';
import { STREAMS } from './chunk.ts';

export const CAPTURE_SCHEMA = 'vexfs-trace/capture/1';

/** `capture.json`: what was run where, so that a recording says where it comes from. */
export const captureSchema = z.object({
  schema: z.literal(CAPTURE_SCHEMA),
  run: z.string(),
  tool: z.string(),
  startWall: z.number(),
  guest: z.string().optional(),
  kernel: z.object({ name: z.string(), release: z.string() }).optional(),
  module: z.string().optional(),
  command: z.array(z.string()),
  slowOperationMs: z.number().optional().describe('operations that take longer were reported'),
});
export type CaptureInfo = z.infer<typeof captureSchema>;

/** A row of `index.ndjson`: the chunks of all streams in order of arrival. */
export const indexRowSchema = z.object({
  seq: z.number().int().nonnegative(),
  stream: z.enum(STREAMS),
  offset: z.number().int().nonnegative(),
  length: z.number().int().nonnegative(),
  observed: z.number().int().nonnegative(),
});
export type IndexRow = z.infer<typeof indexRowSchema>;
