import type { Readable, Transform } from 'node:stream';
import type { ParseOptions } from 'ndjson';
import { toJson } from './text.ts';

/** One value as a line of NDJSON. */
export function toNdjson(value: unknown): string {
  return `${toJson(value)}\n`;
}

/** Longest line that is read: an event has some kilobytes, and a file without line ends must not fill the memory. */
const MAX_LENGTH = 4 * 1024 * 1024;

/**
 * Reads NDJSON from a byte stream; a line that is not JSON fails with its text, behind all values before it. Takes the
 * values out by hand, because the stream's own iterator and pipeline() drop what was parsed in the same chunk as the
 * line that fails.
 */
export async function* readNdjson(input: Readable): AsyncGenerator<unknown> {
  // Writing needs no package, and most commands only write.
  const { default: ndjson } = await import('ndjson');
  const options: ParseOptions & { maxLength: number } = { strict: true, maxLength: MAX_LENGTH };
  const parser = input.pipe(ndjson.parse(options)) as unknown as Transform;
  let wake = () => {};
  let ended = false;
  let failed: { readonly error: Error; behind: number } | undefined;
  const fail = (error: Error) => {
    failed ??= { error, behind: parser.readableLength };
    wake();
  };
  input.once('error', fail);
  parser.on('error', fail).on('readable', () => wake());
  parser.once('end', () => {
    ended = true;
    wake();
  });
  try {
    for (;;) {
      if (failed !== undefined && failed.behind-- === 0) throw failed.error;
      const value: unknown = parser.read();
      if (value !== null) yield value;
      else if (failed !== undefined) throw failed.error;
      else if (ended) return;
      else
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
    }
  } finally {
    input.destroy();
    parser.destroy();
  }
}
