import { closeSync, type FSWatcher, fstatSync, openSync, readSync, type Stats, statSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { messageOf } from '../base/errors.ts';
import { Wake } from './wake.ts';

export interface FollowPorts {
  readonly onBytes: (bytes: Uint8Array) => void;
  /** What comes next is another file of this name, or this one from its beginning. */
  readonly onRestart: () => void;
  readonly onNote: (text: string) => void;
}

const READ_BYTES = 256 * 1024;

/**
 * Reads a file and what is appended to it, until the signal, then what has come by then. Like `tail -F`: the name is followed, so a
 * log that is rotated or cut goes on, and one that is not there is waited for.
 */
export async function followFile(path: string, ports: FollowPorts, signal: AbortSignal): Promise<void> {
  const file = new FollowedFile(path, ports);
  try {
    while (!signal.aborted) {
      const woken = file.wake.next(signal);
      await file.read();
      await woken;
    }
    await file.read();
  } finally {
    file.close();
  }
}

class FollowedFile {
  readonly wake = new Wake();
  readonly #path: string;
  readonly #ports: FollowPorts;
  readonly #folder: FSWatcher | undefined;
  readonly #buffer = Buffer.allocUnsafe(READ_BYTES);
  #open: { readonly fd: number; readonly stats: Stats; readonly watcher: FSWatcher | undefined } | undefined;
  #at = 0;
  /** What was said last of a file that cannot be read, so that it is said once. */
  #said = '';

  constructor(path: string, ports: FollowPorts) {
    this.#path = path;
    this.#ports = ports;
    const name = basename(path);
    // Tells of another file of this name, and of most changes; the file's own watcher sees through links.
    this.#folder = this.wake.watch(dirname(path), (changed) => changed === null || changed === name);
  }

  async read(): Promise<void> {
    for (;;) {
      if (this.#open === undefined && !this.#reopen()) return;
      await this.#toEnd();
      if (!this.#replaced()) return;
      this.#leave();
      this.#ports.onRestart();
    }
  }

  close(): void {
    this.#leave();
    this.#folder?.close();
  }

  #reopen(): boolean {
    try {
      const fd = openSync(this.#path, 'r');
      this.#open = { fd, stats: fstatSync(fd), watcher: this.wake.watch(this.#path) };
      this.#at = 0;
      this.#said = '';
      return true;
    } catch (error) {
      const gone = (error as NodeJS.ErrnoException).code === 'ENOENT';
      this.#say(
        gone ? `${this.#path} does not exist; waiting for it` : `${this.#path} cannot be read: ${messageOf(error)}`,
      );
      return false;
    }
  }

  async #toEnd(): Promise<void> {
    for (;;) {
      const fd = this.#open?.fd;
      if (fd === undefined) return;
      if (fstatSync(fd).size < this.#at) {
        this.#ports.onNote(`${this.#path} was cut; going on from its beginning`);
        this.#at = 0;
        this.#ports.onRestart();
      }
      const read = readSync(fd, this.#buffer, 0, READ_BYTES, this.#at);
      if (read === 0) return;
      this.#at += read;
      this.#ports.onBytes(this.#buffer.subarray(0, read));
      // A long log must not keep Ctrl-C waiting.
      await turn();
    }
  }

  /** Another file has the name. While none has it, what was opened may still grow. */
  #replaced(): boolean {
    const now = statSync(this.#path, { throwIfNoEntry: false });
    const stats = this.#open?.stats;
    return now !== undefined && stats !== undefined && (now.ino !== stats.ino || now.dev !== stats.dev);
  }

  #leave(): void {
    this.#open?.watcher?.close();
    if (this.#open !== undefined) closeSync(this.#open.fd);
    this.#open = undefined;
  }

  #say(text: string): void {
    if (text !== this.#said) this.#ports.onNote(text);
    this.#said = text;
  }
}
