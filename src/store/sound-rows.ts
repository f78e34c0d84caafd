import { crc32 } from 'node:zlib';
import * as z from 'zod';
import { type AttemptRow, RUN_KINDS, type RunRow } from './tables.ts';

/** False when the text of an event has changed since it was written. */
export function isAsWritten({ body, crc }: { readonly body: unknown; readonly crc: unknown }): boolean {
  return (
    typeof body === 'string' &&
    (crc === null || crc === undefined ? parseJson(body) !== undefined : crc32(body) === crc)
  );
}

export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The arguments that a run was begun with; none where the column is damaged. */
export function commandOf(text: string): string[] {
  const command = parseJson(text);
  return Array.isArray(command) ? command.map(String) : [];
}

/** A row out of a damaged file, when it can be one of ours. */
export function soundRun(row: RunRow): RunRow | undefined {
  return runSchema.safeParse(row).success && Array.isArray(parseJson(row.command)) ? row : undefined;
}

export function soundAttempt(row: AttemptRow): AttemptRow | undefined {
  return attemptSchema.safeParse(row).success && parseJson(row.body) !== undefined ? row : undefined;
}

const text = z.string().nullable();
const count = z.number().int().nonnegative();
const time = z.string().refine((value) => !Number.isNaN(Date.parse(value)));

const runSchema = z.object({
  ...{ id: z.string().min(1), parent: text, kind: z.enum(RUN_KINDS), name: text, started: time, seen: time },
  ...{
    ended: time.nullable(),
    tool: text,
    command: z.string(),
    guest: text,
    kernel: text,
    module: text,
    capture: text,
  },
  ...{ kept: count, missing: count },
});

const attemptSchema = z.object({
  ...{ run: z.string(), id: z.string(), attempt: count, test: z.string(), domain: z.string(), final: count },
  ...{ verdict: z.string(), culprit: text, reason: z.string(), lane: text, duration_ms: z.number(), body: z.string() },
});
