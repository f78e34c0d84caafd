import { closeSync, existsSync, openSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { ExpectedError } from '../base/errors.ts';
import { contentOf, HEAD_BYTES } from './content.ts';

/** A log that may grow: a file, which is followed by its name, a stream that is read to its end, a folder of logs. */
export interface Followable {
  readonly kind: 'stdin' | 'file' | 'stream' | 'folder';
  /** Path as it was named; `stdin` for standard input. */
  readonly name: string;
}

/** What the arguments name, `-` for standard input. Fails for what cannot grow; what is not there yet can be followed. */
export function listFollowable(names: readonly string[]): Followable[] {
  return [...new Set(names)].map((name) =>
    name === '-' ? { kind: 'stdin', name: 'stdin' } : { kind: kindOf(name), name },
  );
}

/** Fails for a file that cannot grow. */
export function followableFile(name: string): void {
  kindOf(name);
}

function kindOf(name: string): 'file' | 'stream' | 'folder' {
  const refuse = (what: string, hint: string) =>
    new ExpectedError('usage', `${name} is ${what}: it cannot be followed`, hint);
  const stats = statSync(name, { throwIfNoEntry: false });
  if (stats === undefined) return 'file';
  if (stats.isDirectory()) {
    if (!existsSync(join(name, 'capture.json'))) return 'folder';
    throw refuse('a recording', `vexfs-trace replay ${name}`);
  }
  if (stats.isFIFO() || stats.isCharacterDevice()) return 'stream';
  if (!stats.isFile()) throw refuse('no file', 'name a log file');
  const content = contentOf(headOf(name));
  if (content.kind === 'packed') throw refuse(`packed with ${content.packing.name}`, 'leave --follow out');
  if (content.kind === 'other') throw refuse(content.what, content.hint?.replace('FILE', name) ?? 'name a log file');
  return 'file';
}

/** Nothing of a file that cannot be opened: that may change. */
function headOf(name: string): Uint8Array {
  const head = Buffer.alloc(HEAD_BYTES);
  try {
    const fd = openSync(name, 'r');
    const read = readSync(fd, head);
    closeSync(fd);
    return head.subarray(0, read);
  } catch {
    return head.subarray(0, 0);
  }
}
