// Bundles the command line into dist/ or the folder named: one file that starts fast, native packages left outside.
import { mkdirSync, renameSync, rmSync } from 'node:fs';
import { build } from 'esbuild';

const outdir = process.argv[2] ?? 'dist';
// Built beside and moved into place: a program that is started meanwhile finds the old one or the new one.
const fresh = `${outdir}.${process.pid}`;
const old = `${fresh}.old`;
await build({
  entryPoints: { 'vexfs-trace': 'src/cli/main.ts' },
  outdir: fresh,
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  external: ['node-pty'],
  sourcemap: 'linked',
  chunkNames: 'chunk-[hash]',
  banner: { js: "import { createRequire as __cr } from 'node:module'; const require = __cr(import.meta.url);" },
  logLevel: 'warning',
});
mkdirSync(outdir, { recursive: true });
renameSync(outdir, old);
renameSync(fresh, outdir);
rmSync(old, { recursive: true, force: true });
