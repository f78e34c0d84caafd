import { existsSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { cacheDir } from './paths.ts';

/**
 * Gives `path`, making it first when it is not there. It is made under another name and moved into place, so that a
 * second run at the same time or an end in the middle never leaves half of it.
 */
export function cached(path: string, make: (fresh: string) => void): string {
  if (existsSync(path)) return path;
  const fresh = `${path}.${process.pid}`;
  try {
    make(fresh);
    renameSync(fresh, path);
  } catch (error) {
    // Somebody else was faster with a folder of the same content.
    if (!existsSync(path)) throw error;
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
  return path;
}

/** A folder for the files of an image, gone when `use` has ended. */
export function withStage<T>(name: string, use: (dir: string) => T): T {
  const dir = mkdtempSync(join(cacheDir('stage'), `${name}-`));
  try {
    return use(dir);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}
