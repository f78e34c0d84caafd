import { ExpectedError, messageOf } from '../base/errors.ts';
import type { Packing } from './content.ts';

/** What the program said that counts: its first line, bounded. */
const MAX_WORDS = 300;

/**
 * What a packed stream holds, as its program gives it out: nothing is kept, so a file that unpacks to terabytes costs time only.
 * A damaged stream gives what could be read of it; `onDamage` then hears what the program said. Leaving the loop ends the program.
 */
export async function* unpack(
  packed: AsyncIterable<Uint8Array>,
  { name, program, args, from }: Packing,
  onDamage: (words: string) => void,
): AsyncGenerator<Uint8Array> {
  const [{ spawn }, { pipeline }] = await Promise.all([import('node:child_process'), import('node:stream/promises')]);
  const child = spawn(program, [...args], { stdio: 'pipe' });
  let words = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    if (words.length < MAX_WORDS) words += text;
  });
  const ended = new Promise<{ code: number | null; error?: NodeJS.ErrnoException }>((resolve) => {
    child.once('error', (error) => resolve({ code: null, error }));
    child.once('close', (code) => resolve({ code }));
  });
  let unread: unknown;
  // A program that has found damage stops reading: then this fails, too, and says less than the program.
  pipeline(packed, child.stdin).catch((error: NodeJS.ErrnoException) => {
    if (!STOPPED.has(error.code ?? '')) unread = error;
  });
  try {
    yield* child.stdout.iterator({ destroyOnReturn: true });
    const { code, error } = await ended;
    if (error !== undefined) {
      const what = error.code === 'ENOENT' ? `${program} is not installed` : error.message;
      throw new ExpectedError('missing', `it is packed with ${name}, and ${what}`, `apt-get install ${from}`);
    }
    if (unread !== undefined) onDamage(messageOf(unread));
    else if (code !== 0) onDamage(`${program} says: ${firstLine(words) || `exit ${code}`}`);
  } finally {
    child.kill('SIGKILL');
  }
}

const STOPPED = new Set(['EPIPE', 'ECONNRESET', 'ERR_STREAM_PREMATURE_CLOSE', 'ERR_STREAM_DESTROYED']);

/** `Unexpected end of input` of `xz: (stdin): Unexpected end of input`. */
function firstLine(words: string): string {
  const [line = ''] = words.trim().split('\n');
  return line.replace(NAMES, '').slice(0, MAX_WORDS).trim();
}

/** The program's own name, and its name for standard input. */
const NAMES = /^(?:\w{1,16}: )?(?:(?:\(stdin\)|\/\*stdin\*\\|stdin) ?: ?)?/;
