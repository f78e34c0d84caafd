import { ExpectedError, messageOf } from '../base/errors.ts';
import { contentOf, HEAD_BYTES } from './content.ts';
import { unpack } from './unpack.ts';

/** A log whose beginning has been looked at. */
export interface OpenLog {
  /** Its first bytes, unpacked: as many as tell what it is, or all when it has less. */
  readonly head: Uint8Array;
  /** All of its bytes, unpacked, the first included. To be read once, to the end or left. */
  readonly bytes: AsyncIterable<Uint8Array>;
}

/**
 * Opens what may be a log, packed or not. Fails with a sentence, without the name of the file, when it is none. `onDamage` hears, before the
 * bytes end, why they end early.
 */
export async function openLog(
  source: AsyncIterable<Uint8Array>,
  onDamage: (words: string) => void,
  unpacked = false,
): Promise<OpenLog> {
  const chunks = readable(source, onDamage);
  const first: Uint8Array[] = [];
  let size = 0;
  while (size < HEAD_BYTES) {
    const { value, done } = await chunks.next();
    if (done) break;
    // The source may use its memory again.
    first.push(new Uint8Array(value));
    size += value.length;
  }
  const head = first.length === 1 ? (first[0] as Uint8Array) : Buffer.concat(first);
  const content = contentOf(head);
  const bytes = concat(head, chunks);
  if (content.kind === 'log') return { head, bytes };
  if (content.kind === 'packed' && !unpacked)
    return openLog(unpack(copies(bytes), content.packing, onDamage), onDamage, true);
  await chunks.return(undefined);
  const what = content.kind === 'packed' ? `packed twice, with ${content.packing.name} inside` : content.what;
  throw new ExpectedError('nothingRan', `not a log: ${what}`, content.kind === 'other' ? content.hint : undefined);
}

/** A program takes what it is given when it likes. */
async function* copies(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const chunk of source) yield new Uint8Array(chunk);
}

/** A disk that fails in the middle ends a log; what was read before counts. */
async function* readable(
  source: AsyncIterable<Uint8Array>,
  onDamage: (words: string) => void,
): AsyncGenerator<Uint8Array, undefined> {
  let read = 0;
  try {
    for await (const chunk of source) {
      yield chunk;
      read += chunk.length;
    }
  } catch (error) {
    if (read === 0) throw error;
    onDamage(messageOf(error));
  }
}

/** Whoever leaves early leaves the rest, too. */
async function* concat(
  head: Uint8Array,
  rest: AsyncGenerator<Uint8Array, undefined>,
): AsyncGenerator<Uint8Array, undefined> {
  try {
    if (head.length > 0) yield head;
    yield* rest;
  } finally {
    await rest.return(undefined);
  }
}
