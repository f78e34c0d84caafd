import { existsSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { cacheDir } from './paths.ts';
import { sweepCache } from './sweep-cache.ts';

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'vexfs-cache-'));
  vi.stubEnv('XDG_CACHE_HOME', home);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(home, { recursive: true });
});

test('only what is half made and old goes', () => {
  const old = new Date(Date.now() - 7_200_000);
  const make = (folder: string, name: string, at?: Date) => {
    const path = join(cacheDir(folder), name);
    mkdirSync(path);
    writeFileSync(join(path, 'file'), 'x');
    if (at !== undefined) utimesSync(path, at, at);
    return path;
  };
  const gone = [make('stage', 'tools-Xy12', old), make('build', 'vexfs-6.1.0-1-abc.4711', old)];
  const kept = [
    make('stage', 'tools-new'),
    make('build', 'vexfs-6.1.0-1-abc', old),
    make('build', 'agent-abc.4711'),
    make('headers', '6.1-kasan-123-456', old),
  ];
  expect(sweepCache().sort()).toEqual(gone.sort());
  expect(gone.filter((path) => existsSync(path))).toEqual([]);
  expect(kept.filter((path) => !existsSync(path))).toEqual([]);
});
