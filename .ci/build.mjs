// Bundles the program into dist/ or the folder named: one file, what V8 compiled of it, and a few lines that start it.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { build as buildPage } from 'vite';

const outdir = process.argv[2] ?? 'dist';
// Built beside and moved into place: a program that is started meanwhile finds the old one or the new one.
const fresh = `${outdir}.${process.pid}`;
const old = `${fresh}.old`;
const common = {
  bundle: true,
  platform: 'node',
  target: 'node20.19',
  external: ['node-pty', 'systeminformation', 'better-sqlite3', 'kysely', 'pg'],
  logLevel: 'warning',
};

/** The patterns that come with the program, as `src/run/built-in.ts` reads them, without what only tests need. */
async function readPatterns() {
  const outfile = `${fresh}/read/patterns.mjs`;
  const banner = "import { createRequire as __cr } from 'node:module'; const require = __cr(import.meta.url);";
  await build({ ...common, entryPoints: ['src/run/built-in.ts'], outfile, format: 'esm', banner: { js: banner } });
  const { builtInPatterns } = await import(pathToFileURL(resolve(outfile)).href);
  const patterns = await builtInPatterns('.');
  rmSync(`${fresh}/read`, { recursive: true });
  return patterns.map((pattern) => ({ ...pattern, samples: [], counterSamples: [] }));
}

const patterns = JSON.stringify(await readPatterns());
const builtIn = {
  name: 'built-in patterns',
  setup(setup) {
    setup.onLoad({ filter: /src\/run\/built-in\.ts$/ }, () => ({
      contents: `
        const text = ${JSON.stringify(patterns)};
        export const builtInPatterns = async (root) => {
          const patterns = JSON.parse(text);
          for (const pattern of patterns) pattern.file = root + '/' + pattern.file;
          return patterns;
        };`,
      loader: 'js',
    }));
  },
};

/** What packages load or look at when they are loaded, takes its time, and is not used here: a part of a file, and what takes its place. */
const UNUSED = [
  // Commander runs commands that are programs of their own; there are none.
  [/node_modules\/commander\/lib\/command\.js$/, "= require('node:child_process')", '= null'],
  // Whether standard output is a terminal is found out without the streams behind it (src/cli/output.ts).
  [/node_modules\/picocolors\/picocolors\.js$/, '(p.stdout || {}).isTTY', 'false'],
];
const unused = {
  name: 'without what is not used',
  setup(setup) {
    for (const [filter, part, instead] of UNUSED)
      setup.onLoad({ filter }, ({ path }) => {
        const source = readFileSync(path, 'utf8');
        if (!source.includes(part)) throw new Error(`${path} is not as .ci/build.mjs knows it`);
        return { contents: source.replace(part, instead), loader: 'js' };
      });
  },
};

/** All commands but one, as nothing: whatever a program has is made ready when it starts, whether it is used or not. */
const only = (command) => ({
  name: `only ${command}`,
  setup(setup) {
    setup.onResolve({ filter: /^\.\/[a-z-]+\.ts$/ }, ({ path, importer }) => {
      const isOther = importer.endsWith('/src/cli/main.ts') && COMMANDS.has(path) && path !== `./${command}.ts`;
      return isOther ? { path, namespace: 'nothing' } : undefined;
    });
    setup.onLoad({ filter: /./, namespace: 'nothing' }, ({ path }) => ({
      contents: `export const ${COMMANDS.get(path).join(' = undefined, ')} = undefined;`,
    }));
  },
});
/** What src/cli/main.ts takes from the file of each command, or of several. */
const COMMANDS = new Map(
  [
    ...readFileSync('src/cli/main.ts', 'utf8').matchAll(/^import \{ (define\w+(?:, define\w+)*) \} from '(.+)';$/gm),
  ].map(([, names, path]) => [path, names.split(', ')]),
);

/** The programs that src/cli/start.ts chooses from, each with a run that has V8 compile what a start needs. */
const PROGRAMS = {
  program: { plugins: [], run: ['--help'] },
  analyze: { plugins: [only('analyze')], run: ['analyze', resolve('fixtures/guests/stock/null-deref.console')] },
};
for (const [name, { plugins }] of Object.entries(PROGRAMS))
  await build({
    ...common,
    entryPoints: ['src/cli/main.ts'],
    outfile: `${fresh}/${name}.cjs`,
    format: 'cjs',
    // A function of what a script has not got of itself: src/cli/start.ts calls it.
    banner: { js: '(function (require, __folder, __url, module) {' },
    footer: { js: '})' },
    define: { 'import.meta.dirname': '__folder', 'import.meta.url': '__url' },
    // The one for Node loads what is for secrets when it starts, this one when it is needed.
    alias: { ulid: './node_modules/ulid/dist/browser/index.js' },
    supported: { 'dynamic-import': false },
    sourcemap: 'linked',
    plugins: [builtIn, unused, ...plugins],
  });
await build({
  ...common,
  entryPoints: ['src/cli/start.ts'],
  outfile: `${fresh}/vexfs-trace.cjs`,
  format: 'cjs',
  minify: true,
});
// The page of `serve`: files of its own, because nothing in it may be inline.
await buildPage({
  configFile: false,
  root: resolve('src/web'),
  logLevel: 'warn',
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    outDir: resolve(fresh, 'web'),
    emptyOutDir: true,
    target: 'es2022',
    assetsInlineLimit: 0,
    modulePreload: false,
    reportCompressedSize: false,
  },
});
for (const [name, { run }] of Object.entries(PROGRAMS)) {
  // Where there are no patterns to read: what reads them would go into the cache.
  const warmed = spawnSync(process.execPath, [resolve('.ci/warm.mjs'), name, ...run], { cwd: fresh, encoding: 'utf8' });
  if (warmed.status !== 0)
    throw new Error(`the program could not be run to fill the cache of ${name}\n${warmed.stderr}`);
}
mkdirSync(outdir, { recursive: true });
renameSync(outdir, old);
renameSync(fresh, outdir);
rmSync(old, { recursive: true, force: true });
