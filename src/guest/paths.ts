import { mkdirSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

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
  return dir;
}

/** The folder of the package: sources of the module, agent, probes and patterns lie there. */
export function packageRoot(): string {
  const here = fileURLToPath(new URL('.', import.meta.url));
  return here.endsWith('/dist/') ? join(here, '..') : join(here, '../..');
}
