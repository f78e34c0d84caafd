import { statSync } from 'node:fs';
import { join, posix } from 'node:path';

/** Parts of a path that are tried against the source tree. */
const MAX_PARTS = 64;

/** Names of sources as they stand in the source tree: `fs/ext4/inode.c`. */
export class SourcePaths {
  readonly #tree: string | undefined;
  readonly #known = new Map<string, string>();

  /** `tree` is a folder of the user's that holds the kernel's sources. */
  constructor(tree?: string) {
    this.#tree = tree;
  }

  /** `roots` are what the compiler may have put before the name. A name outside of all of them stays as it is. */
  relative(path: string, roots: readonly string[]): string {
    const whole = posix.normalize(path);
    const key = [whole, ...roots].join('\0');
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const root = roots.map(asFolder).find((folder) => whole.startsWith(folder));
    const name = root === undefined ? this.#inTree(whole) : whole.slice(root.length);
    this.#known.set(key, name);
    return name;
  }

  /** The longest end of the path that names a file of the tree. */
  #inTree(path: string): string {
    if (this.#tree === undefined) return path;
    const parts = path.split('/');
    for (let from = 0; from < Math.min(parts.length, MAX_PARTS); from++) {
      const end = parts.slice(from).join('/');
      if (end !== '' && !end.startsWith('..') && isFile(join(this.#tree, end))) return end;
    }
    return path;
  }
}

function asFolder(path: string): string {
  const whole = posix.normalize(path);
  return whole.endsWith('/') ? whole : `${whole}/`;
}

function isFile(path: string): boolean {
  try {
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
