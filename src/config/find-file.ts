import { closeSync, constants, existsSync, fstatSync, openSync, readSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { ExpectedError, messageOf } from '../base/errors.ts';

export const CONFIG_FILE = 'vexfs-trace.yaml';

export interface FoundFile {
  readonly path: string;
  readonly text: string;
  /** Whether what it names may be run here: it was named by whoever started this, or only that user can have written it. */
  readonly trusted: boolean;
}

/** The file that a run without `--config` reads: the one in this folder or in one above, up to the root of the repository. */
export function nearestConfig(folder: string): string | undefined {
  const candidates: string[] = [];
  for (let dir = resolve(folder); ; dir = dirname(dir)) {
    candidates.push(join(dir, CONFIG_FILE));
    if (existsSync(join(dir, '.git'))) return candidates.find((path) => existsSync(path));
    // Outside of a repository the folders above may be anybody's, such as /tmp.
    if (dirname(dir) === dir) return candidates.slice(0, 1).find((path) => existsSync(path));
  }
}

/** Reads one file. Fails with exit 2 where it is none, or larger than `maxBytes`. */
export function readConfigFile(path: string, maxBytes: number, named: boolean): FoundFile {
  const fail = (why: string) => new ExpectedError('usage', `the configuration file ${path} ${why}`);
  let fd: number;
  try {
    // A pipe that nobody writes to would hold us for good.
    fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    throw fail(`cannot be read: ${messageOf(error)}`);
  }
  try {
    const stat = fstatSync(fd);
    if (!stat.isFile()) throw fail('is no file');
    if (stat.size > maxBytes) throw fail(`is larger than ${maxBytes / 1024} KiB`);
    const bytes = Buffer.alloc(maxBytes + 1);
    const length = readSync(fd, bytes);
    const own = stat.uid === process.getuid?.() && (stat.mode & 0o022) === 0;
    return { path, text: bytes.toString('utf8', 0, length), trusted: named || own };
  } finally {
    closeSync(fd);
  }
}
