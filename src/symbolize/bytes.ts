import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

/** Bytes that are read where they are asked for: a kernel with debug information has half a gigabyte. */
export interface Bytes {
  readonly size: number;
  /** Undefined where the range is not wholly inside, or more than `MAX_READ`. */
  read(offset: number, length: number): Uint8Array | undefined;
}

/** The symbol table of a large kernel has some 20 MB. */
const MAX_READ = 256 * 1024 * 1024;

export function bytesOf(whole: Uint8Array): Bytes {
  return {
    size: whole.length,
    read: (offset, length) =>
      fits(offset, length, whole.length) ? whole.subarray(offset, offset + length) : undefined,
  };
}

/** Opens a file for the time of `use`. Throws what `open` throws. */
export function withFileBytes<T>(path: string, use: (bytes: Bytes) => T): T {
  const fd = openSync(path, 'r');
  try {
    const { size } = fstatSync(fd);
    return use({
      size,
      read: (offset, length) => {
        if (!fits(offset, length, size)) return undefined;
        const buffer = new Uint8Array(length);
        return readWhole(fd, buffer, offset) ? buffer : undefined;
      },
    });
  } finally {
    closeSync(fd);
  }
}

function fits(offset: number, length: number, size: number): boolean {
  return Number.isSafeInteger(offset) && offset >= 0 && length >= 0 && length <= MAX_READ && offset + length <= size;
}

function readWhole(fd: number, buffer: Uint8Array, offset: number): boolean {
  for (let done = 0; done < buffer.length; ) {
    const count = readSync(fd, buffer, done, buffer.length - done, offset + done);
    if (count === 0) return false;
    done += count;
  }
  return true;
}
