import type { Hono } from 'hono';
import { STREAMS } from '../model/chunk.ts';
import { refuse } from './guard.ts';
import type { Source } from './source.ts';

const MAX_RUNS = 500;
const MAX_WINDOW = 256 << 10;
const MAX_SEARCH = 200;
const NO_RUN = 'there is no such run';
const NO_RECORDING = 'there is no such recording';

/** What is asked of runs and recordings, but for their events. */
export function runRoutes(app: Hono, source: Source): void {
  app.get('/api/runs', async (c) => {
    const limit = whole(c.req.query('limit'), 100);
    if (limit === undefined || limit < 1) return refuse(c, 400, 'limit is no number of runs');
    return c.json(await source.runs(Math.min(limit, MAX_RUNS)));
  });
  app.get('/api/runs/:run', async (c) => {
    const run = await source.run(c.req.param('run'));
    return run === undefined ? refuse(c, 404, NO_RUN) : c.json(run);
  });
  app.get('/api/recordings/:recording', async (c) => {
    const digest = await source.digest(c.req.param('recording'));
    return digest === undefined ? refuse(c, 404, NO_RECORDING) : c.json(digest);
  });
  app.get('/api/recordings/:recording/streams', async (c) => {
    const streams = await source.streams(c.req.param('recording'));
    return streams === undefined ? refuse(c, 404, NO_RECORDING) : c.json(streams);
  });
  app.get('/api/recordings/:recording/streams/:stream', async (c) => {
    const { recording, stream } = c.req.param();
    if (!(STREAMS as readonly string[]).includes(stream)) return refuse(c, 404, 'there is no such stream');
    const from = whole(c.req.query('from'), 0);
    const length = whole(c.req.query('length'), 64 << 10);
    if (from === undefined || length === undefined || length < 0)
      return refuse(c, 400, 'from and length are numbers of bytes');
    const window = await source.window(recording, stream, from, Math.min(length, MAX_WINDOW));
    if (window === undefined) return refuse(c, 404, 'there is no such stream');
    // Whatever a guest has printed: no browser takes it for a page.
    return c.body(new Uint8Array(window.bytes), 200, {
      'content-type': 'application/octet-stream',
      'content-disposition': `attachment; filename="${stream}.raw"`,
      'x-from': String(window.from),
      'x-size': String(window.size),
    });
  });
  app.get('/api/incidents', async (c) => c.json(await source.incidents((c.req.query('q') ?? '').slice(0, MAX_SEARCH))));
  app.get('/api/incidents/:fingerprint', async (c) => {
    const group = await source.incident(c.req.param('fingerprint'));
    return group === undefined ? refuse(c, 404, 'there is no such failure') : c.json(group);
  });
  app.get('/api/patterns', async (c) => c.json(await source.patterns()));
  app.get('/api/compare', async (c) => {
    const { a = '', b = '' } = c.req.query();
    const comparison = await source.compare(a, b);
    return comparison === undefined ? refuse(c, 404, NO_RUN) : c.json(comparison);
  });
}

/** A whole number; undefined for what is none. */
export function whole(text: string | undefined, otherwise: number): number | undefined {
  if (text === undefined || text === '') return otherwise;
  return /^-?\d{1,15}$/.test(text) ? Number(text) : undefined;
}
