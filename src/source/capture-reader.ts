import { closeSync, createReadStream, existsSync, openSync, readFileSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { ZodError } from 'zod';
import { ExpectedError, messageOf } from '../base/errors.ts';
import { readNdjson } from '../base/ndjson.ts';
import { type CaptureInfo, captureSchema, indexRowSchema } from '../model/capture.ts';
import { type Chunk, type Stream, streamFile } from '../model/chunk.ts';
import type { Event } from '../model/event.ts';
import { eventSchema } from '../model/event-schema.ts';

/** Longest chunk that an index may ask for: a damaged index must not fill the memory. */
const MAX_CHUNK = 16 * 1024 * 1024;

export function readCaptureInfo(dir: string): CaptureInfo {
  const path = join(dir, 'capture.json');
  if (!existsSync(path))
    throw new ExpectedError(
      'usage',
      `${dir} is not a capture: it has no capture.json`,
      'name a folder that attach wrote',
    );
  try {
    return captureSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch (error) {
    throw new ExpectedError('usage', `${path} cannot be read: ${reasonOf(error)}`, 'name a folder that attach wrote');
  }
}

/** One line of what zod or JSON.parse says. */
function reasonOf(error: unknown): string {
  const [issue] = error instanceof ZodError ? error.issues : [];
  return issue === undefined ? messageOf(error) : `${issue.path.join('.')}: ${issue.message}`;
}

/**
 * The chunks of a capture in the order in which they came. A capture that was cut off ends where its index ends;
 * `warn` hears once of each stream of which something is missing.
 */
export async function* readChunks(dir: string, warn: (message: string) => void): AsyncGenerator<Chunk> {
  const files = new Map<Stream, number | undefined>();
  const cut = new Set<Stream>();
  try {
    for await (const row of rows(join(dir, 'index.ndjson'), indexRowSchema.safeParse.bind(indexRowSchema), warn)) {
      const name = streamFile(row.stream);
      if (!files.has(row.stream)) files.set(row.stream, open(join(dir, name), name, warn));
      const file = files.get(row.stream);
      if (file === undefined) continue;
      const bytes = Buffer.alloc(Math.min(row.length, MAX_CHUNK));
      const read = readSync(file, bytes, 0, bytes.length, row.offset);
      if (read < row.length && !cut.has(row.stream)) {
        cut.add(row.stream);
        warn(`${name} ends before the index does; from row ${row.seq} on something of it is missing`);
      }
      if (read === 0 && row.length > 0) continue;
      yield { stream: row.stream, observed: row.observed, bytes: bytes.subarray(0, read) };
    }
  } finally {
    for (const file of files.values()) if (file !== undefined) closeSync(file);
  }
}

function open(path: string, name: string, warn: (message: string) => void): number | undefined {
  try {
    return openSync(path, 'r');
  } catch (error) {
    warn(`${name} cannot be read: ${messageOf(error)}`);
    return undefined;
  }
}

/** The events that were written live. */
export function readEvents(dir: string, warn: (message: string) => void): AsyncGenerator<Event> {
  return rows(join(dir, 'events.ndjson'), eventSchema.safeParse.bind(eventSchema), warn);
}

type SafeParse<T> = (value: unknown) => { success: true; data: T } | { success: false; error: { message: string } };

/** Rows of an NDJSON file up to the first that is damaged: a killed run leaves half a line at its end. */
async function* rows<T>(path: string, parse: SafeParse<T>, warn: (message: string) => void): AsyncGenerator<T> {
  if (!existsSync(path))
    throw new ExpectedError('usage', `${path} is missing`, 'the capture is not complete; record it again');
  try {
    for await (const value of readNdjson(createReadStream(path))) {
      const row = parse(value);
      if (!row.success) {
        warn(`${path}: a row does not have the form of its schema; what follows is left out`);
        return;
      }
      yield row.data;
    }
  } catch (error) {
    warn(`${path} ends in a damaged line: ${messageOf(error)}`);
  }
}
