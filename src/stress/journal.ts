import { closeSync, fstatSync, fsyncSync, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import * as z from 'zod';
import { ExpectedError, messageOf } from '../base/errors.ts';
import type { Frozen } from '../base/frozen.ts';
import { toNdjson } from '../base/ndjson.ts';
import { incidentEntrySchema } from '../model/run-report-schema.ts';
import { CULPRITS, DOMAINS, VERDICTS } from '../model/test-run.ts';

export const JOURNAL_SCHEMA = 'vexfs-trace/stress/1';

/** What became of one attempt at a test. */
export const entrySchema = z.object({
  id: z.string(),
  test: z.string(),
  domain: z.enum(DOMAINS),
  attempt: z.number().int(),
  /** False when the test is tried again. */
  final: z.boolean(),
  verdict: z.enum(VERDICTS),
  culprit: z.enum(CULPRITS).optional(),
  reason: z.string(),
  /** The guest broke over it, each time it was tried: it is not tried again. */
  isolated: z.boolean().optional(),
  durationMs: z.number(),
  seed: z.number(),
  guest: z.string().optional(),
  /** Titles of findings, worst first. */
  findings: z.array(z.string()),
  incidents: z.array(incidentEntrySchema),
  figures: z.record(z.string(), z.unknown()),
});
export type Entry = Frozen<z.infer<typeof entrySchema>>;

const headerSchema = z.object({
  schema: z.literal(JOURNAL_SCHEMA),
  run: z.string(),
  started: z.string(),
  tool: z.string(),
  /** What the run was asked for, so that it can be resumed by the name of its folder alone. */
  asked: z.record(z.string(), z.unknown()),
});
export type JournalHeader = z.infer<typeof headerSchema>;

interface Read {
  readonly header: JournalHeader;
  readonly entries: readonly Entry[];
}

/**
 * The record of a run: a header and a line for each attempt, on disk before the run goes on, so that a run that was ended in any
 * way goes on where it was.
 */
export class Journal {
  readonly #fd: number;

  private constructor(fd: number) {
    this.#fd = fd;
  }

  /** Fails when there is one already. */
  static create(file: string, header: JournalHeader): Journal {
    let fd: number;
    try {
      fd = openSync(file, 'ax');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      throw new ExpectedError(
        'usage',
        `${dirname(file)} holds a run already`,
        'go on with it by --resume, or name another folder',
      );
    }
    const journal = new Journal(fd);
    journal.#write(header);
    return journal;
  }

  /** Goes on with one. A last line that was not written whole is cut off; any other that cannot be read is an error. */
  static open(file: string): Journal {
    const { whole } = readWhole(file);
    const fd = openSync(file, 'r+');
    ftruncateSync(fd, whole);
    closeSync(fd);
    return new Journal(openSync(file, 'a'));
  }

  append(entry: Entry): void {
    this.#write(entry);
  }

  close(): void {
    closeSync(this.#fd);
  }

  #write(value: unknown): void {
    const bytes = Buffer.from(toNdjson(value));
    const { size } = fstatSync(this.#fd);
    try {
      for (let at = 0; at < bytes.length; ) at += writeSync(this.#fd, bytes, at);
    } catch (error) {
      // A full disk takes half a line; with another one behind it the journal could not be read any more.
      ftruncateSync(this.#fd, size);
      throw error;
    }
    fsyncSync(this.#fd);
  }
}

/** What one says, without going on with it: the run may be under way. */
export function readJournal(file: string): Read {
  const { header, entries } = readWhole(file);
  return { header, entries };
}

/** `whole`: bytes up to the end of the last line that was written whole. */
function readWhole(file: string): Read & { readonly whole: number } {
  let bytes: Buffer;
  try {
    bytes = readFileSync(file);
  } catch (error) {
    throw new ExpectedError('usage', `there is no run to go on with: ${messageOf(error)}`, 'name the folder of a run');
  }
  const whole = bytes.lastIndexOf(10) + 1;
  const [first = '', ...lines] = bytes.subarray(0, whole).toString('utf8').split('\n').slice(0, -1);
  const header = parseLine(file, 1, first, headerSchema);
  const entries = lines.map((line, i) => parseLine(file, i + 2, line, entrySchema));
  return { whole, header, entries };
}

function parseLine<T>(file: string, line: number, text: string, schema: z.ZodType<T>): T {
  try {
    return schema.parse(JSON.parse(text));
  } catch (error) {
    const why = error instanceof z.ZodError ? z.prettifyError(error).replaceAll('\n', ' ') : messageOf(error);
    throw new ExpectedError('usage', `${file}:${line} is no line of a run: ${why}`, 'name the folder of a run');
  }
}
