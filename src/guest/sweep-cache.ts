import { readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { cacheDir } from './paths.ts';

/** Longer than anything that is made there takes. */
const OLD_MS = 3_600_000;

/** Where `cached` and `withStage` work (cached.ts), and the names of what is not finished there. */
const UNFINISHED: Readonly<Record<string, RegExp>> = {
  build: /\.\d+$/,
  images: /\.\d+$/,
  headers: /\.\d+$/,
  kernels: /^\d+\.\d+-(?:kasan|kcsan|fault)\.\d+$/,
  'kernel-source': /\.\d+$/,
  stage: /./,
};

/** Removes what a run left half made in the cache when it was killed. Returns the paths. */
export function sweepCache(now = Date.now()): string[] {
  return Object.entries(UNFINISHED).flatMap(([folder, unfinished]) =>
    readdirSync(cacheDir(folder))
      .filter((name) => unfinished.test(name))
      .map((name) => join(cacheDir(folder), name))
      .filter((path) => now - (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? now) > OLD_MS)
      .map((path) => {
        rmSync(path, { recursive: true, force: true });
        return path;
      }),
  );
}
