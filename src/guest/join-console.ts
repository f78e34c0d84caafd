import { closeSync, constants, openSync, type Stats, statSync } from 'node:fs';
import { createConnection, type Socket } from 'node:net';
import { isatty, ReadStream } from 'node:tty';
import { ExpectedError, messageOf } from '../base/errors.ts';
import type { Stream } from '../model/chunk.ts';
import type { GuestExit } from '../model/guest.ts';
import { runTool } from './command.ts';
import type { Joined } from './joined.ts';

export interface ConsoleOptions {
  readonly id: string;
  /** A unix socket, a pty (/dev/pts/N) or a serial device. */
  readonly path: string;
  /** Speed of a serial line; absent: as it is set. */
  readonly baud?: number;
}

interface Source {
  readonly input: Socket;
  /** Undoes what was set. */
  restore(): void;
}

/** Joins a guest by its console. Only reads: no byte is ever written to it. */
export async function joinConsole(options: ConsoleOptions): Promise<Joined> {
  const { path } = options;
  const stats = look(path);
  if (stats.isSocket()) return new ConsoleGuest(options, await openSocket(path));
  if (stats.isCharacterDevice()) return new ConsoleGuest(options, openTerminal(options));
  const hint = stats.isFile() ? `read it with: vexfs-trace analyze ${path}` : HINT;
  throw new ExpectedError('usage', `${path} is no socket, pty or serial device`, hint);
}

const HINT = 'name a socket (QEMU: -serial unix:PATH,server=on,wait=off), /dev/pts/N or a serial device';

function look(path: string): Stats {
  try {
    return statSync(path);
  } catch (error) {
    throw cannotOpen(path, error);
  }
}

/** One sentence and the next step for each reason. */
function cannotOpen(path: string, error: unknown): ExpectedError {
  const code = (error as NodeJS.ErrnoException).code ?? '';
  const [what, hint] = REASONS[code] ?? [`cannot be opened: ${messageOf(error)}`, HINT];
  return new ExpectedError('missing', `console ${path} ${what}`, hint);
}

const REASONS: Readonly<Record<string, readonly [string, string]>> = {
  ENOENT: ['does not exist', HINT],
  ENOTDIR: ['does not exist', HINT],
  ECONNREFUSED: ['is a socket that nobody listens on', 'start the guest first'],
  EACCES: ['may not be opened by this user', 'run as its owner or as root; serial devices belong to group dialout'],
  EBUSY: ['is in use by another program', 'end that program first: a console has one reader'],
};

function openSocket(path: string): Promise<Source> {
  return new Promise((resolve, reject) => {
    const input = createConnection({ path });
    const refused = (error: Error) => reject(cannotOpen(path, error));
    input.once('error', refused);
    input.once('connect', () => {
      input.off('error', refused);
      resolve({ input, restore: () => {} });
    });
  });
}

/**
 * A terminal is set to raw, above all without echo: otherwise its line discipline would send the guest's own words back
 * to it as input. CLOCAL, because a null modem has no carrier. O_NONBLOCK, because open(2) would wait for one.
 */
function openTerminal({ path, baud }: ConsoleOptions): Source {
  let fd: number;
  try {
    fd = openSync(path, constants.O_RDONLY | constants.O_NOCTTY | constants.O_NONBLOCK);
  } catch (error) {
    throw cannotOpen(path, error);
  }
  try {
    if (!isatty(fd)) throw new ExpectedError('usage', `${path} is no terminal or serial device`, HINT);
    const before = runTool('stty', ['-F', path, '-g'], QUICK).toString('utf8').trim();
    runTool('stty', ['-F', path, 'raw', '-echo', 'clocal', ...(baud === undefined ? [] : [String(baud)])], QUICK);
    return { input: new ReadStream(fd), restore: () => runTool('stty', ['-F', path, before], QUICK) };
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

const QUICK = { timeoutMs: 5000 };

class ConsoleGuest implements Joined {
  readonly id: string;
  readonly kind = 'console' as const;
  readonly describe: string;
  readonly exited: Promise<GuestExit>;
  readonly #source: Source;
  #closing = false;

  constructor({ id, path }: ConsoleOptions, source: Source) {
    this.id = id;
    this.describe = `console ${path}`;
    this.#source = source;
    const { input } = source;
    let reason = 'the console was closed';
    // A pty whose master is gone, or a serial device that was pulled out, reads EIO.
    input.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EIO') reason = error.message;
    });
    this.exited = new Promise((resolve) => {
      input.once('close', () => resolve({ code: null, signal: null, expected: this.#closing, reason }));
    });
  }

  onData(listener: (stream: Stream, bytes: Uint8Array) => void): () => void {
    const listen = (bytes: Buffer) => listener('console', bytes);
    this.#source.input.on('data', listen);
    return () => this.#source.input.off('data', listen);
  }

  drain(): Promise<void> {
    return new Promise((resolve) => setImmediate(resolve));
  }

  async close(): Promise<void> {
    this.#closing = true;
    try {
      this.#source.restore();
    } catch {
      // The device is gone; there is nothing to restore.
    }
    this.#source.input.destroy();
    await this.exited;
  }
}
