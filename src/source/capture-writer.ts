import { closeSync, mkdirSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf } from '../base/errors.ts';
import { toNdjson } from '../base/ndjson.ts';
import type { CaptureInfo, IndexRow } from '../model/capture.ts';
import { type Chunk, type Stream, streamFile } from '../model/chunk.ts';
import type { Event } from '../model/event.ts';

/**
 * Records a run as a folder: `capture.json`, a raw file for each stream, `index.ndjson` with the order of arrival, and
 * `events.ndjson`. Writes at once, so that a killed run keeps what it saw. Trouble (a full disk) is told once through
 * `warn` and ends the recording, never the run.
 */
export class CaptureWriter {
  readonly #dir: string;
  readonly #warn: (message: string) => void;
  readonly #files = new Map<string, number>();
  readonly #offsets = new Map<Stream, number>();
  #seq = 0;
  #closed = false;
  #broken = false;

  constructor(dir: string, info: CaptureInfo, warn: (message: string) => void) {
    this.#dir = dir;
    this.#warn = warn;
    this.#guarded(() => {
      mkdirSync(dir, { recursive: true });
      writeFileSync(join(dir, 'capture.json'), `${JSON.stringify(info, null, 2)}\n`, { flag: 'wx' });
    });
  }

  /** False once recording has ended early. */
  get whole(): boolean {
    return !this.#broken;
  }

  chunk({ stream, observed, bytes }: Chunk): void {
    this.#guarded(() => {
      const offset = this.#offsets.get(stream) ?? 0;
      writeAll(this.#file(streamFile(stream)), bytes);
      const row: IndexRow = { seq: this.#seq++, stream, offset, length: bytes.length, observed };
      writeAll(this.#file('index.ndjson'), Buffer.from(toNdjson(row)));
      this.#offsets.set(stream, offset + bytes.length);
    });
  }

  event(event: Event): void {
    this.#guarded(() => writeAll(this.#file('events.ndjson'), Buffer.from(toNdjson(event))));
  }

  close(): void {
    for (const file of this.#files.values()) closeSync(file);
    this.#files.clear();
    this.#closed = true;
  }

  #file(name: string): number {
    let file = this.#files.get(name);
    if (file === undefined) {
      file = openSync(join(this.#dir, name), 'a');
      this.#files.set(name, file);
    }
    return file;
  }

  #guarded(write: () => void): void {
    if (this.#closed) return;
    try {
      write();
    } catch (error) {
      this.close();
      this.#broken = true;
      this.#warn(`recording to ${this.#dir} ended, the run goes on: ${messageOf(error)}`);
    }
  }
}

function writeAll(file: number, bytes: Uint8Array): void {
  let done = 0;
  while (done < bytes.length) done += writeSync(file, bytes, done);
}
