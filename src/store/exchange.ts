import * as z from 'zod';
import type { Database } from './database.ts';
import { attemptsOf, eventsOf, recordingsOf } from './queries.ts';
import { summaryOf } from './run-queries.ts';
import { commandOf } from './sound-rows.ts';
import { RUN_KINDS, type RunRow } from './tables.ts';

export const STORE_SCHEMA = 'vexfs-trace/store/1';

const text = z.string().nullable();
const count = z.number().int().nonnegative();

/** Lines of an export beside events: a run before what belongs to it, and attempts at tests as its journal has them. */
export const storeLineSchema = z.discriminatedUnion('record', [
  z.object({
    schema: z.literal(STORE_SCHEMA),
    record: z.literal('run'),
    id: z.string().min(1).max(64),
    ...{ parent: text, kind: z.enum(RUN_KINDS), name: text, started: z.string(), seen: z.string(), ended: text },
    ...{ tool: text, command: z.array(z.string()), guest: text, kernel: text, module: text, capture: text },
    ...{ kept: z.boolean(), missing: count },
  }),
  z.object({
    schema: z.literal(STORE_SCHEMA),
    record: z.literal('attempt'),
    run: z.string(),
    entry: z.record(z.string(), z.unknown()),
  }),
  z.object({
    schema: z.literal(STORE_SCHEMA),
    record: z.literal('summary'),
    run: z.string(),
    summary: z.record(z.string(), z.unknown()),
  }),
]);
export type StoreLine = z.infer<typeof storeLineSchema>;

/** A run and its recordings as NDJSON, a line at a time: what can be read back without a loss. */
export async function* exportRun(database: Database, run: RunRow): AsyncGenerator<string> {
  yield runLine(run);
  for (const { body } of await attemptsOf(database, run.id))
    yield `{"schema":"${STORE_SCHEMA}","record":"attempt","run":${JSON.stringify(run.id)},"entry":${body}}`;
  const summary = await summaryOf(database, run.id);
  if (summary !== undefined)
    yield `{"schema":"${STORE_SCHEMA}","record":"summary","run":${JSON.stringify(run.id)},"summary":${summary}}`;
  yield* eventsOf(database, run.id);
  for (const recording of await recordingsOf(database, run.id)) yield* exportRun(database, recording);
}

function runLine({ events: _, bytes: __, kept, command, ...row }: RunRow): string {
  const line = { schema: STORE_SCHEMA, record: 'run', ...row, command: commandOf(command), kept: kept === 1 };
  return JSON.stringify(storeLineSchema.parse(line));
}
