// Runs the benchmarks: `npm run bench` for all, `npm run bench -- log ftrace` for some. They print; nothing passes or fails.
import { rmSync } from 'node:fs';
import { build } from 'esbuild';

const outfile = 'dist/bench.mjs';
await build({
  entryPoints: ['src/run/bench.ts'],
  outfile,
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  external: ['node-pty'],
  banner: { js: "import { createRequire as __cr } from 'node:module'; const require = __cr(import.meta.url);" },
  logLevel: 'warning',
});
try {
  await import(new URL(`../${outfile}`, import.meta.url).href);
} finally {
  rmSync(outfile, { force: true });
}
