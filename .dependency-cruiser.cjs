/**
 * The import rule as a table: a folder may import itself and what its row names. Each row says why.
 */
const ALLOWED = {
  base: { from: [], why: 'utilities know nothing of the project' },
  model: { from: ['base'], why: 'the nouns; everything else speaks in them' },
  'bpftrace-wrapper': { from: ['base'], why: 'publishable on its own' },
  source: { from: ['base', 'model'], why: 'bytes in, chunks out' },
  grammar: { from: ['base', 'model'], why: 'values in, values out' },
  identify: { from: ['base', 'model'], why: 'tables over parsed reports' },
  patterns: { from: ['base', 'model'], why: 'matches events' },
  analysis: { from: ['base', 'model'], why: 'values in, values out' },
  guest: { from: ['base', 'model'], why: 'guests know nothing of what is read from them' },
  probes: { from: ['base', 'model', 'bpftrace-wrapper'], why: 'runs the library in probes/ through the wrapper' },
  recovery: { from: ['base', 'model'], why: 'sees only the Guest interface of the model' },
  fault: { from: ['base', 'model'], why: 'sees only the Guest interface of the model' },
  symbolize: { from: ['base', 'model'], why: 'frames in, frames with places out; knows files of kernels, not reports' },
  resources: { from: ['base', 'model'], why: 'what machines use; knows no guest and no run' },
  sink: { from: ['base', 'model'], why: 'events in, text out' },
  report: { from: ['base', 'model', 'sink'], why: 'what was recorded in, documents out; words are those of the sinks' },
  stress: { from: ['base', 'model'], why: 'tests, levels and verdicts; sees guests only through the model' },
  store: { from: ['base', 'model'], why: 'rows in, rows out; knows no guest, no pipeline and no format of people' },
  compare: { from: ['base', 'model'], why: 'values of runs in, what differs out' },
  metrics: { from: ['base', 'model'], why: 'events in, numbers out' },
  server: { from: ['base', 'model'], why: 'answers over HTTP; where the answers come from is given to it' },
  web: { from: ['base', 'model'], why: 'a page in a browser, which knows the JSON of the server and nothing else' },
  alert: {
    from: ['base', 'model', 'config'],
    why: 'rules and events in, alerts out; forms of values are those of the options',
  },
  generate: {
    from: ['base', 'model', 'config', 'metrics', 'sink'],
    why: 'files made of the tables of others: options, metrics, words',
  },
  config: { from: ['base', 'model'], why: 'the option table and who reads values of it; knows no command' },
  run: {
    from: [
      'base',
      'model',
      'bpftrace-wrapper',
      'source',
      'grammar',
      'identify',
      'patterns',
      'analysis',
      'guest',
      'probes',
      'recovery',
      'fault',
      'symbolize',
      'resources',
      'sink',
      'report',
      'stress',
      'compare',
      'store',
      'metrics',
      'generate',
      'alert',
      'config',
      'server',
    ],
    why: 'the only place that composes',
  },
  cli: {
    from: ['base', 'model', 'run', 'sink', 'config', 'generate'],
    why: 'one file a command; the only place that writes to stdout',
  },
};

/** Packages that are heavy or native: one file each may name them. */
const ONE_FILE = {
  'prom-client': '^src/metrics/registry\\.ts$',
  'node-pty': '^src/guest/pty\\.ts$',
  ndjson: '^src/base/ndjson\\.ts$',
  'better-sqlite3': '^src/store/sqlite\\.ts$',
  kysely: '^src/store/kysely\\.ts$',
  pg: '^src/store/postgres\\.ts$',
  hono: '^src/server/',
  '@hono': '^src/server/listen\\.ts$',
  preact: '^src/web/',
  uplot: '^src/web/',
};

module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    ...Object.entries(ALLOWED).map(([folder, row]) => ({
      name: `imports-of-${folder}`,
      comment: row.why,
      severity: 'error',
      from: { path: `^src/${folder}/`, pathNot: '\\.test\\.ts$' },
      to: { path: '^src/', pathNot: [folder, ...row.from].map((name) => `^src/${name}/`) },
    })),
    {
      name: 'no-io-in-pure-folders',
      comment: 'these folders take values and return values, so that they can be tested and replayed',
      severity: 'error',
      from: { path: '^src/(grammar|identify|analysis|compare)/', pathNot: '\\.test\\.ts$' },
      to: { dependencyTypes: ['core'] },
    },
    ...Object.entries(ONE_FILE).map(([name, path]) => ({
      name: `one-place-for-${name}`,
      severity: 'error',
      from: { pathNot: path },
      to: { path: `^node_modules/${name}/` },
    })),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
};
