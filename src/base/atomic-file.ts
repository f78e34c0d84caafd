import {
  closeSync,
  fsyncSync,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  type Stats,
  statSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';

/** Bytes that are collected before they are written. */
const BUFFER = 256 * 1024;
let count = 0;

/**
 * A file that is there with all of its content, or not at all: it is written beside its place and moved there. What is no
 * regular file (a pipe, /dev/stdout) is written at once. Throws what the file system says (`code`, such as EACCES).
 */
export class AtomicFile {
  readonly #target: string;
  /** Undefined where the target itself is written. */
  readonly #temporary: string | undefined;
  readonly #fd: number;
  #held: Uint8Array[] = [];
  #heldBytes = 0;
  #open = true;

  constructor(path: string) {
    const there = statOf(path);
    // A link stays one: what it points to is replaced.
    this.#target = there === undefined ? path : realpathSync(path);
    // `/dev/stdout` may be a file, and is somebody's own.
    const replaceable = !path.startsWith('/dev/') && (there === undefined || there.isFile());
    if (replaceable) this.#temporary = join(dirname(this.#target), `.vexfs-trace-${process.pid}-${count++}.tmp`);
    this.#fd = openSync(
      this.#temporary ?? this.#target,
      this.#temporary === undefined ? 'w' : 'wx',
      there?.mode ?? 0o666,
    );
  }

  write(chunk: string | Uint8Array): void {
    const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
    this.#held.push(bytes);
    this.#heldBytes += bytes.length;
    if (this.#heldBytes >= BUFFER) this.#flush();
  }

  /** The content is complete. */
  commit(): void {
    this.#flush();
    if (this.#temporary !== undefined) fsyncSync(this.#fd);
    this.#close();
    if (this.#temporary !== undefined) renameSync(this.#temporary, this.#target);
  }

  /** Leaves everything as it was before; nothing happens after `commit`. */
  discard(): void {
    if (!this.#open) return;
    this.#close();
    if (this.#temporary !== undefined) rmSync(this.#temporary, { force: true });
  }

  #flush(): void {
    const bytes = Buffer.concat(this.#held);
    this.#held = [];
    this.#heldBytes = 0;
    for (let at = 0; at < bytes.length; ) at += writeSync(this.#fd, bytes, at);
  }

  #close(): void {
    this.#open = false;
    closeSync(this.#fd);
  }
}

function statOf(path: string): Stats | undefined {
  return statSync(path, { throwIfNoEntry: false });
}
