import * as z from 'zod';
import { severitySchema } from '../model/classification-schema.ts';

/** An alert that begins or ends: a line of alerts.ndjson, and what messages hold. */
export const transitionSchema = z.object({
  schema: z.literal('vexfs-trace/alert/1'),
  at: z.string().describe('ISO 8601, by the events'),
  since: z.string().describe('when its condition began to hold'),
  rule: z.string(),
  severity: severitySchema,
  state: z.enum(['firing', 'resolved']),
  labels: z.record(z.string(), z.string()).describe('what of several it is about: machine, test, incident'),
  value: z.number(),
  text: z.string(),
  silenced: z.string().optional().describe('id of the silence that kept it from being sent'),
});
export type Transition = z.infer<typeof transitionSchema>;
