import { closeSync, type FSWatcher, openSync, readSync, watch } from 'node:fs';

/**
 * Reads a file that another process appends to. Woken by inotify; `drain` reads to the present end at once.
 */
export class FileTail {
  readonly #fd: number;
  readonly #watcher: FSWatcher;
  readonly #emit: (bytes: Uint8Array) => void;
  readonly #buffer = Buffer.alloc(64 * 1024);
  #closed = false;

  constructor(path: string, emit: (bytes: Uint8Array) => void) {
    this.#emit = emit;
    this.#fd = openSync(path, 'r');
    this.#watcher = watch(path, () => this.drain());
    this.drain();
  }

  drain(): void {
    if (this.#closed) return;
    for (;;) {
      const read = readSync(this.#fd, this.#buffer, 0, this.#buffer.length, null);
      if (read === 0) return;
      this.#emit(new Uint8Array(this.#buffer.subarray(0, read)));
    }
  }

  close(): void {
    if (this.#closed) return;
    this.drain();
    this.#closed = true;
    this.#watcher.close();
    closeSync(this.#fd);
  }
}
