import { lstatSync, mkdirSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { ExpectedError } from '../base/errors.ts';

/** Kernels, images and built modules: can be deleted at any time, is made again. */
export function cacheDir(...parts: string[]): string {
  const base = process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache');
  const dir = join(base, 'vexfs-trace', ...parts);
  mkdirSync(dir, { recursive: true });
  return dir;
}

/** Sockets and files of running guests. Short, because a unix socket's path has 107 bytes. */
export function runtimeRoot(): string {
  const dir = join(tmpdir(), `vexfs-trace-${process.getuid?.() ?? 0}`);
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  // The folder above is everybody's: one that another user made would let them name processes for us to end.
  const { uid, mode } = lstatSync(dir);
  if (!lstatSync(dir).isDirectory() || uid !== process.getuid?.() || (mode & 0o077) !== 0) {
    throw new ExpectedError(
      'missing',
      `${dir} does not belong to this user alone`,
      'remove it, or set TMPDIR to another folder',
    );
  }
  return dir;
}

/** The folder of the package: sources of the module, agent, probes and patterns lie there. */
export function packageRoot(): string {
  const here = import.meta.dirname;
  return here.endsWith('/dist') ? join(here, '..') : join(here, '../..');
}
