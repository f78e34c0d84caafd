import ndjson from 'ndjson';

/** One value as a line of NDJSON. */
export function toNdjson(value: unknown): string {
  return `${JSON.stringify(value)}\n`;
}

/** Reads NDJSON from a byte stream; a line that is not JSON fails with its text. */
export function readNdjson(input: NodeJS.ReadableStream): AsyncIterable<unknown> {
  return input.pipe(ndjson.parse({ strict: true }));
}
