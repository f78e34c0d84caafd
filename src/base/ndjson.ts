import type { Readable } from 'node:stream';
import ndjson from 'ndjson';

/** One value as a line of NDJSON. */
export function toNdjson(value: unknown): string {
  return `${JSON.stringify(value)}\n`;
}

/** Longest line that is read: an event has some kilobytes, and a file without line ends must not fill the memory. */
const MAX_LENGTH = 4 * 1024 * 1024;

/** Reads NDJSON from a byte stream; a line that is not JSON fails with its text, behind all values before it. */
export function readNdjson(input: Readable): AsyncIterable<unknown> {
  const options: ndjson.ParseOptions & { maxLength: number } = { strict: true, maxLength: MAX_LENGTH };
  const parser = input.pipe(ndjson.parse(options));
  // Not pipeline(): it would drop the values that were read but not yet taken.
  input.once('error', (error) => parser.destroy(error));
  parser.once('close', () => input.destroy());
  return parser;
}
