import { statSync } from 'node:fs';
import { messageOf } from '../base/errors.ts';
import { followableFile } from './followable.ts';
import { listInputs } from './log-inputs.ts';
import { Wake } from './wake.ts';

export interface FolderPorts {
  /** A file to be followed, until the signal. */
  readonly onFile: (path: string) => Promise<void>;
  readonly onNote: (text: string) => void;
}

/** Files followed at a time: each has a reader of its own. */
const MAX_FILES = 256;

/**
 * Follows the logs of a folder and of those below it, until the signal: what is there, and what appears. A log that got another name when it was
 * rotated is the one that was read; its old name is followed. What is packed or no log is passed over with a word.
 */
export async function followFolder(folder: string, ports: FolderPorts, signal: AbortSignal): Promise<void> {
  const files = new FolderFiles(folder, ports);
  const wake = new Wake();
  // Folders below it are seen by the slow look.
  const watcher = wake.watch(folder);
  try {
    while (!signal.aborted) {
      const woken = wake.next(signal);
      files.look();
      await woken;
    }
  } finally {
    watcher?.close();
  }
  await files.ended();
}

class FolderFiles {
  readonly #folder: string;
  readonly #ports: FolderPorts;
  readonly #followed = new Map<string, Promise<void>>();
  readonly #passed = new Set<string>();
  /** Files as such, whatever their names, as they were at the last look. */
  #known = new Set<string>();

  constructor(folder: string, ports: FolderPorts) {
    this.#folder = folder;
    this.#ports = ports;
  }

  look(): void {
    const before = this.#known;
    this.#known = new Set();
    for (const input of listInputs([this.#folder])) {
      if (input.kind === 'bad') this.#pass(input.name, input.error.message);
      if (input.kind !== 'file') continue;
      const file = identityOf(input.name);
      if (file === undefined) continue;
      this.#known.add(file);
      if (!this.#followed.has(input.name) && !before.has(file)) this.#begin(input.name);
    }
  }

  async ended(): Promise<void> {
    await Promise.all(this.#followed.values());
  }

  #begin(path: string): void {
    if (this.#passed.has(path)) return;
    if (this.#followed.size >= MAX_FILES) {
      this.#pass(this.#folder, `${this.#folder} holds more than ${MAX_FILES} logs; the others are not followed`);
      return;
    }
    try {
      followableFile(path);
    } catch (error) {
      this.#pass(path, messageOf(error));
      return;
    }
    this.#followed.set(path, this.#ports.onFile(path));
  }

  #pass(path: string, why: string): void {
    if (!this.#passed.has(path)) this.#ports.onNote(why);
    this.#passed.add(path);
  }
}

/** Stays when a file gets another name, and is another one when its number is given again. */
function identityOf(path: string): string | undefined {
  const stats = statSync(path, { throwIfNoEntry: false });
  return stats && `${stats.dev}:${stats.ino}:${stats.birthtimeMs}`;
}
