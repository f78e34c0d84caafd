import { appendFileSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import * as z from 'zod';
import { messageOf } from '../base/errors.ts';
import { cacheDir } from '../guest/paths.ts';
import { actionSchema, classificationSchema } from '../model/classification-schema.ts';
import { type Attempt, type StageFigures, sumUp } from '../recovery/statistics.ts';

const attemptSchema = z.object({
  classification: classificationSchema,
  action: actionSchema,
  result: z.enum(['ok', 'failed', 'skipped']),
  verified: z.boolean(),
  durationMs: z.number(),
  kernel: z.string().optional(),
});

/** The file holds so much; then its older half goes. */
const MAX_BYTES = 1 << 20;

/** Where what recoveries came to is kept between runs. */
export function statisticsFile(): string {
  return join(cacheDir('recovery'), 'attempts.ndjson');
}

/** Adds a line. A file that cannot be written costs a warning, not the run. */
export function addAttempt(
  file: string,
  { classification, action, result, verified, durationMs, kernel }: Attempt & { readonly kernel: string },
  warn: (message: string) => void,
): void {
  try {
    mkdirSync(dirname(file), { recursive: true });
    const line = { classification, action, result, verified, durationMs: Math.round(durationMs), kernel };
    appendFileSync(file, `${JSON.stringify(line)}\n`);
    if (statSync(file).size > MAX_BYTES) shorten(file);
  } catch (error) {
    warn(`what recoveries come to cannot be recorded: ${messageOf(error)}`);
  }
}

function shorten(file: string): void {
  const bytes = readFileSync(file);
  const half = bytes.indexOf(10, bytes.length / 2) + 1;
  const fresh = `${file}.${process.pid}`;
  writeFileSync(fresh, bytes.subarray(half));
  renameSync(fresh, file);
}

/** Sums of all recorded attempts; a line that is none is passed over, a file that is not there is empty. */
export function readFigures(file: string): StageFigures[] {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    return [];
  }
  return sumUp(
    text.split('\n').flatMap((line): Attempt[] => {
      const parsed = attemptSchema.safeParse(parse(line));
      return parsed.success ? [parsed.data] : [];
    }),
  );
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
