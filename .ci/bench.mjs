// Builds, then runs the benchmarks: `npm run bench` for all, `npm run bench -- clean start` for some. They print; nothing passes or fails.
import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { build } from 'esbuild';

const outfile = 'dist/bench.mjs';
execFileSync(process.execPath, ['.ci/build.mjs'], { stdio: 'inherit' });
await build({
  entryPoints: ['src/run/bench.ts'],
  outfile,
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  external: ['node-pty', 'better-sqlite3', 'kysely', 'pg'],
  banner: { js: "import { createRequire as __cr } from 'node:module'; const require = __cr(import.meta.url);" },
  logLevel: 'warning',
});
try {
  await import(new URL(`../${outfile}`, import.meta.url).href);
} finally {
  rmSync(outfile, { force: true });
}
